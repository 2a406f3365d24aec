// Every call to the server goes through here: same origin, cookie session, the field that a form of another site cannot send, and problems as values
// that pages can show.
import type { Problem } from './types'

export class ApiError extends Error {
  readonly status: number
  readonly problem: Partial<Problem> & { current?: unknown }

  constructor(status: number, problem: Partial<Problem> & { current?: unknown }) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`)
    this.status = status
    this.problem = problem
  }
}

/** The server did not answer at all: it restarts, or the network is away. */
export class OfflineError extends Error {
  constructor() {
    super('Tollgate does not answer.')
  }
}

/** Told of each 401 of a signed-in page, and of each answer or silence. Set once, by the session. */
export const listeners: { unauthenticated: () => void; reached: (yes: boolean) => void } = { unauthenticated: () => {}, reached: () => {} }

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: unknown
  /** The body as it is, with its media type; in place of `body`. */
  raw?: { type: string; text: string }
  ifMatch?: string | null
  idempotencyKey?: string
  /** Why a change is made; goes to the audit log. */
  reason?: string
  signal?: AbortSignal
  /** Sign-in and the first look at the session: a 401 is an answer there, not the end of a session. */
  quiet?: boolean
}

export interface Answer<T> {
  data: T
  etag: string | null
}

export async function call<T>(path: string, options: CallOptions = {}): Promise<Answer<T>> {
  let response: Response
  try {
    response = await fetch(path, requestOf(options))
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    listeners.reached(false)
    throw new OfflineError()
  }
  // A proxy in front of a server that restarts answers for it.
  if ([502, 504].includes(response.status)) {
    listeners.reached(false)
    throw new OfflineError()
  }
  listeners.reached(true)
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('Content-Type') ?? '')
  if (!response.ok) {
    if (response.status === 401 && options.quiet !== true) listeners.unauthenticated()
    throw new ApiError(response.status, isJson ? parse(text) : {})
  }
  return { data: (isJson ? parse(text) : text) as T, etag: response.headers.get('ETag') }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function requestOf(options: CallOptions): RequestInit {
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Tollgate-Csrf': '1' }
  const method = options.method ?? 'GET'
  if (options.ifMatch) headers['If-Match'] = options.ifMatch
  if (options.idempotencyKey !== undefined) headers['Idempotency-Key'] = options.idempotencyKey
  if (options.reason) headers['X-Tollgate-Reason'] = utf8Bytes(options.reason)
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store', signal: options.signal ?? null }
  if (options.raw !== undefined) {
    headers['Content-Type'] = options.raw.type
    init.body = options.raw.text
  } else if (options.body !== undefined) {
    headers['Content-Type'] = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    init.body = JSON.stringify(options.body)
  }
  return init
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await call<T>(path, { signal })).data
}

/** Field values are bytes to fetch: a reason in any language goes as its UTF-8, line breaks as spaces. */
function utf8Bytes(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text.replaceAll(/\s+/g, ' ').trim().slice(0, 160)))
}

/** New for each thing a person asks for; the same when it is sent again. (randomUUID is only there under TLS and on loopback.) */
export function idempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
