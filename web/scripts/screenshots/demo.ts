// A Tollgate that looks like one in use: keys of several consumers and tiers, steady traffic with refusals, errors and strangers.
import { Api, send, token } from '../../e2e/support/api'
import { startTollgate, type Tollgate } from '../../e2e/support/tollgate'

export interface Demo {
  tollgate: Tollgate
  api: Api
  keys: { id: string; apiKey: string; name: string }[]
  stop: () => Promise<void>
}

const consumers = ['Acme Logistics', 'Northwind', 'Blue Harbor', 'Kestrel Labs', 'Umbra Health']
const services = ['Checkout', 'Mobile app', 'Nightly export', 'Partner feed', 'Search']

export async function startDemo(): Promise<Demo> {
  const tollgate = await startTollgate()
  const api = new Api(tollgate, await token(tollgate))
  const keys: Demo['keys'] = []
  for (const [i, consumer] of consumers.entries()) {
    for (const [j, service] of services.entries()) {
      const tier = ['free', 'pro', 'enterprise'][(i + j) % 3]
      keys.push(
        await api.createKey({
          name: `${service} ${consumer.split(' ')[0]}`,
          tier,
          consumer,
          ...(i === 0 && j === 1 ? { tokensPerWindow: 20, refillRate: 4, maxBurst: 20 } : {}),
        }),
      )
    }
  }
  await api.call(`/api/admin/keys/${keys[7]?.id}/disable`, 'POST')
  await api.call(`/api/admin/keys/${keys[9]?.id}`, 'PATCH', { expiresAt: new Date(Date.now() + 3 * 86_400_000).toISOString() })
  let going = true
  const traffic = run(tollgate, keys, () => going)
  return {
    tollgate,
    api,
    keys,
    stop: async () => {
      going = false
      await traffic
      await tollgate.stop()
    },
  }
}

const paths = ['/api/data', '/api/data', '/api/echo', '/api/status/200', '/api/slow?ms=12', '/api/data', '/api/bytes?n=4000']

async function run(tollgate: Tollgate, keys: Demo['keys'], going: () => boolean): Promise<void> {
  for (let round = 0; going(); round += 1) {
    const wave = 1 + 0.5 * Math.sin(round / 12)
    const jobs: Promise<unknown>[] = []
    // The first key asks for more than it may; the others for what they like.
    jobs.push(send(tollgate, Math.round(4 * wave), '/api/data', keys[1]?.apiKey ?? null, 4))
    for (let i = 0; i < Math.round(5 * wave); i += 1) {
      const key = keys[Math.floor((keys.length * ((round * 7 + i * 3) % 11)) / 11)]
      jobs.push(send(tollgate, 1, paths[(round + i) % paths.length] ?? '/', key?.apiKey ?? null))
    }
    if (round % 6 === 0) jobs.push(send(tollgate, 1, '/api/status/503', keys[12]?.apiKey ?? null))
    if (round % 9 === 0) jobs.push(send(tollgate, 1, '/api/data', 'tg_live_nobody'))
    await Promise.all(jobs).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}
