// A real Tollgate for a test: the built binary on free ports with a data directory of its own.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const password = 'a-long-enough-test-password'

export interface Endpoints {
  admin: string
  analytics: string
  gateway: string
}

export interface Tollgate {
  endpoints: Endpoints
  dataDir: string
  /** Ends it and starts it again on the same ports and data. */
  restart: () => Promise<void>
  kill: () => Promise<void>
  start: () => Promise<void>
  stop: () => Promise<void>
}

function binary(): string {
  const here = new URL('../../..', import.meta.url).pathname
  const candidates = [process.env.TOLLGATE_BINARY, ...['release', 'bench', 'dev'].map((preset) => join(here, 'build', preset, 'tollgate'))]
  const found = candidates.find((path) => path !== undefined && path !== '' && existsSync(path))
  if (found === undefined) throw new Error('No binary: build Tollgate first, or name one in TOLLGATE_BINARY.')
  return found
}

const routes = `gateway:
  limits:
    - { name: everything, refillRate: 5000, maxBurst: 10000, scope: global }
  routes:
    - name: status
      match: { path: "/api/status/**" }
      limits: [{ name: per-client, refillRate: 50, maxBurst: 200, scope: [route, client_ip], mode: shadow }]
    - name: slow
      match: { path: "/api/slow" }
      cost: 2
    - name: api
      match: { path: "/api/**" }
`

export async function startTollgate(): Promise<Tollgate> {
  const dir = mkdtempSync(join(tmpdir(), 'tollgate-web-'))
  const dataDir = join(dir, 'data')
  const config = join(dir, 'tollgate.yaml')
  writeFileSync(config, routes)
  let child: ChildProcess | null = null
  // The same ports after a restart: an open page must find the server again.
  const basePort = String(await freePorts(5))

  const start = async () => {
    const args = ['up', '--config', config, '--data-dir', dataDir, '--base-port', basePort, '--log-level', 'error']
    rmSync(join(dataDir, 'endpoints.json'), { force: true })
    child = spawn(binary(), args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ADMIN_PASSWORD: password } })
    tollgate.endpoints = await endpointsOf(join(dataDir, 'endpoints.json'), child)
  }
  const end = (signal: NodeJS.Signals) =>
    new Promise<void>((resolve) => {
      const ending = child
      child = null
      if (ending === null || ending.exitCode !== null) return resolve()
      ending.once('exit', () => resolve())
      ending.kill(signal)
    })
  const tollgate: Tollgate = {
    endpoints: { admin: '', analytics: '', gateway: '' },
    dataDir,
    start,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM')
      await start()
    },
    stop: async () => {
      await end('SIGTERM')
      rmSync(dir, { recursive: true, force: true })
    },
  }
  await start()
  return tollgate
}

/** The first of so many ports in a row that nobody listens on right now. */
async function freePorts(howMany: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const first = 20_000 + Math.floor(Math.random() * 12_000)
    const free = await Promise.all(Array.from({ length: howMany }, (_, i) => isFree(first + i)))
    if (free.every((yes) => yes)) return first
  }
  throw new Error('No free ports.')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Waits for the file that says where the services are, and for admin to be ready. */
async function endpointsOf(path: string, child: ChildProcess): Promise<Endpoints> {
  const deadline = Date.now() + 30_000
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`Tollgate ended with ${child.exitCode}.`)
    try {
      const found = JSON.parse(readFileSync(path, 'utf8')) as Endpoints
      const answers = await Promise.all([found.admin, found.analytics, found.gateway].map((url) => fetch(`${url}/readyz`)))
      if (answers.every((answer) => answer.ok)) return found
    } catch {
      // Not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('Tollgate was not ready within 30 seconds.')
}
