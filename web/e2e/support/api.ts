// The API as a test uses it beside the browser: to make keys, send traffic and read what the server says.
import { password, type Tollgate } from './tollgate'

export async function token(tollgate: Tollgate, username = 'admin', secret = password): Promise<string> {
  const answer = await fetch(`${tollgate.endpoints.admin}/api/admin/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, password: secret }),
  })
  if (!answer.ok) throw new Error(`login: ${answer.status}`)
  return ((await answer.json()) as { token: string }).token
}

export class Api {
  private readonly tollgate: Tollgate
  private readonly token: string

  constructor(tollgate: Tollgate, bearer: string) {
    this.tollgate = tollgate
    this.token = bearer
  }

  async call<T>(path: string, method = 'GET', body?: unknown): Promise<T> {
    const base = path.startsWith('/api/analytics') ? this.tollgate.endpoints.analytics : this.tollgate.endpoints.admin
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}` }
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const answer = await fetch(base + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    const text = await answer.text()
    return (text === '' ? null : JSON.parse(text)) as T
  }

  async createKey(fields: Record<string, unknown>): Promise<{ apiKey: string; id: string; name: string }> {
    return this.call('/api/admin/keys', 'POST', fields)
  }
}

/** Sends requests through the gateway, some at a time; the statuses in order. */
export async function send(tollgate: Tollgate, howMany: number, path: string, apiKey: string | null, atOnce = 8): Promise<number[]> {
  const statuses: number[] = []
  let next = 0
  const worker = async () => {
    while (next < howMany) {
      const mine = next
      next += 1
      const answer = await fetch(tollgate.endpoints.gateway + path, { headers: apiKey === null ? {} : { 'X-API-Key': apiKey } })
      await answer.arrayBuffer()
      statuses[mine] = answer.status
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, howMany) }, worker))
  return statuses
}

/** Asks until the answer fits; for what the server counts half a second later. */
export async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean, what: string, withinMs = 20_000): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (fits(answer)) return answer
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms; last ${JSON.stringify(answer).slice(0, 300)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
