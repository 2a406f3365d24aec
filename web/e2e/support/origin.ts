// The origin that the browser sees. Where the server itself serves the dashboard and has sessions, that is admin; where it does not, this stands in:
// it serves the built files under the same security policy and, where the server has no sessions, turns a cookie of its own into the server's bearer
// token. For tests only.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { Tollgate } from './tollgate'

const dist = new URL('../../dist', import.meta.url).pathname
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const types: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

export interface Origin {
  url: string
  /** Which of the two it is. */
  kind: 'server' | 'files' | 'stand-in'
  close: () => Promise<void>
}

interface Login {
  token: string
  username: string
}

export async function openOrigin(tollgate: Tollgate): Promise<Origin> {
  const index = await fetch(`${tollgate.endpoints.admin}/`, { headers: { Accept: 'text/html' } }).then((r) => r.text())
  if (index.includes('id="root"')) return { url: tollgate.endpoints.admin, kind: 'server', close: async () => {} }
  if (!existsSync(join(dist, 'index.html'))) throw new Error('web/dist is not there: npm run build.')
  const sessions = new Map<string, Login>()
  const asked = await fetch(`${tollgate.endpoints.admin}/api/admin/sessions`)
  const hasSessions = asked.status !== 404
  const server = createServer((req, res) => {
    if (hasSessions && req.url?.startsWith('/api/') === true) passOn(tollgate.endpoints.admin, req.headers, req, res)
    else void handle(tollgate, sessions, req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kind: hasSessions ? 'files' : 'stand-in',
    close: () => closed(server),
  }
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

async function handle(tollgate: Tollgate, sessions: Map<string, Login>, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = req.url ?? '/'
  if (!url.startsWith('/api/')) return file(url, res)
  const path = url.split('?')[0] ?? ''
  const id = /tollgate-session=([0-9a-f]+)/.exec(req.headers.cookie ?? '')?.[1] ?? ''
  const session = sessions.get(id)
  const changes = req.method !== 'GET' && req.method !== 'HEAD'
  if (changes && (req.headers['x-tollgate-csrf'] !== '1' || req.headers['sec-fetch-site'] !== 'same-origin'))
    return problem(res, 403, 'csrf', 'Refused: not from this page.')
  if (req.method === 'POST' && path === '/api/admin/sessions') return signIn(tollgate, sessions, req, res)
  if (session === undefined) return problem(res, 401, 'unauthenticated', 'No valid session.')
  if (req.method === 'DELETE' && path === '/api/admin/sessions/current') {
    sessions.delete(id)
    res.writeHead(204).end()
    return
  }
  forward(tollgate, session, req, res)
}

function file(url: string, res: ServerResponse): void {
  const path = normalize(decodeURIComponent(url.split('?')[0] ?? '/'))
  const found = path !== '/' && existsSync(join(dist, path)) ? join(dist, path) : join(dist, 'index.html')
  res.writeHead(200, {
    'Content-Type': types[extname(found)] ?? 'application/octet-stream',
    'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff',
  })
  res.end(readFileSync(found))
}

function problem(res: ServerResponse, status: number, code: string, detail: string): void {
  res.writeHead(status, { 'Content-Type': 'application/problem+json' })
  res.end(JSON.stringify({ type: 'about:blank', title: code, status, detail, code, requestId: '0' }))
}

async function signIn(tollgate: Tollgate, sessions: Map<string, Login>, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  try {
    const body = Buffer.concat(chunks).toString()
    const answer = await fetch(`${tollgate.endpoints.admin}/api/admin/login`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json' },
    })
    if (!answer.ok) {
      res.writeHead(answer.status, { 'Content-Type': 'application/problem+json' }).end(await answer.text())
      return
    }
    const id = randomBytes(32).toString('hex')
    sessions.set(id, { token: ((await answer.json()) as { token: string }).token, username: (JSON.parse(body) as { username: string }).username })
    res.writeHead(201, { 'Content-Type': 'application/json', 'Set-Cookie': `tollgate-session=${id}; HttpOnly; SameSite=Strict; Path=/` })
    res.end(JSON.stringify({ user: { name: 'admin', role: 'admin' } }))
  } catch {
    res.writeHead(502).end()
  }
}

function forward(tollgate: Tollgate, session: Login, req: IncomingMessage, res: ServerResponse): void {
  const target = req.url?.startsWith('/api/analytics/') === true ? tollgate.endpoints.analytics : tollgate.endpoints.admin
  const headers = { ...req.headers, authorization: `Bearer ${session.token}`, host: new URL(target).host }
  delete headers.cookie
  passOn(target, headers, req, res)
}

function passOn(target: string, headers: IncomingMessage['headers'], req: IncomingMessage, res: ServerResponse): void {
  const out = request(`${target}${req.url}`, { method: req.method ?? 'GET', headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(res)
    answer.on('error', () => res.destroy())
  })
  out.on('error', () => (res.headersSent ? res.destroy() : res.writeHead(502).end()))
  res.on('close', () => out.destroy())
  req.pipe(out)
}
