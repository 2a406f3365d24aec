// The five things that become of a request, in the order in which charts stack them. Each has a colour, a word and a pattern: colour is never the only sign.
export const outcomes = ['ok', 'limited', 'denied', 'failed', 'other'] as const
export type Outcome = (typeof outcomes)[number]

export const outcomeName: Record<Outcome, string> = {
  ok: 'Served',
  limited: 'Limited',
  denied: 'Unauthorized',
  failed: 'Errors',
  other: 'Other',
}

export interface Counts {
  requests: number
  allowed: number
  rateLimited: number
  unauthorized: number
  errors: number
}

/**
 * Counts as parts that add up to the requests. The API's `allowed` are those that were let through, of which some ended in an error;
 * what is neither (malformed requests, requests for no route) is `other`.
 */
export function parts(c: Counts): Record<Outcome, number> {
  const known = c.rateLimited + c.unauthorized + c.errors
  const ok = Math.max(0, Math.min(c.allowed - c.errors, c.requests - known))
  return { ok, limited: c.rateLimited, denied: c.unauthorized, failed: c.errors, other: Math.max(0, c.requests - known - ok) }
}

export const noCounts: Counts = { requests: 0, allowed: 0, rateLimited: 0, unauthorized: 0, errors: 0 }

export function add(a: Counts, b: Counts): Counts {
  return {
    requests: a.requests + b.requests,
    allowed: a.allowed + b.allowed,
    rateLimited: a.rateLimited + b.rateLimited,
    unauthorized: a.unauthorized + b.unauthorized,
    errors: a.errors + b.errors,
  }
}

/** What the log calls an outcome, in plain words. */
export const loggedOutcome: Record<string, { label: string; tone: 'good' | 'warn' | 'bad' | 'mute' }> = {
  allowed: { label: 'Served', tone: 'good' },
  limited: { label: 'Limited', tone: 'warn' },
  unauthenticated: { label: 'Unauthorized', tone: 'mute' },
  forbidden: { label: 'Forbidden', tone: 'mute' },
  badRequest: { label: 'Bad request', tone: 'mute' },
  upstreamError: { label: 'Upstream error', tone: 'bad' },
  shed: { label: 'Shed', tone: 'bad' },
  local: { label: 'Answered here', tone: 'mute' },
}
