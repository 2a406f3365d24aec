// Pages against answers as the API says them, for what needs a state that is slow to bring about: many users, a broken chain, a gateway with a dead
// upstream. What a page sends is looked at too.
import type { Page, Request } from 'playwright-core'
import { expect, it } from 'vitest'
import { accessibility, go } from './support/browser'
import { useStage } from './support/stage'

const stage = useStage()
const now = Date.now()
const at = (minutes: number) => new Date(now - minutes * 60_000).toISOString()

const answers: Record<string, unknown> = {
  '/api/admin/users': {
    data: [
      { name: 'admin', role: 'admin', disabled: false, createdAt: at(90_000), revision: 1 },
      { name: 'olga', role: 'operator', disabled: false, createdAt: at(50_000), revision: 4 },
      { name: 'victor', role: 'viewer', disabled: true, createdAt: at(40_000), revision: 2 },
    ],
    nextCursor: null,
  },
  '/api/admin/audit': {
    data: [
      {
        seq: 1204,
        time: at(1),
        actor: 'olga',
        via: 'session',
        network: '10.0.0.7',
        action: 'key.update',
        object: 'key:NMNjpYpGU5',
        before: { refillRate: 10, maxBurst: 100 },
        after: { refillRate: 25, maxBurst: 100 },
        reason: 'Black Friday',
        hash: 'b7'.repeat(32),
      },
      {
        seq: 1203,
        time: at(14),
        actor: 'admin',
        via: 'token',
        network: '',
        action: 'tier.create',
        object: 'tier:partner',
        before: null,
        after: { name: 'partner', refillRate: 500 },
        reason: '',
        hash: 'a1'.repeat(32),
      },
      {
        seq: 1202,
        time: at(20),
        actor: 'mallory',
        via: 'session',
        network: '203.0.113.9',
        action: 'session.refused',
        object: 'user:admin',
        before: null,
        after: null,
        reason: '',
        hash: 'c3'.repeat(32),
      },
    ],
    nextCursor: null,
  },
  '/api/admin/audit/verify': { entries: 1204, intact: false, firstBroken: 977, head: 'b7'.repeat(32) },
  '/api/admin/sessions': {
    data: [
      {
        id: 's1',
        createdAt: at(30),
        lastSeenAt: at(0),
        expiresAt: at(-690),
        network: '10.0.0.7',
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0',
        current: true,
      },
      {
        id: 's2',
        createdAt: at(300),
        lastSeenAt: at(25),
        expiresAt: at(-400),
        network: '10.0.0.9',
        userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Safari/605',
        current: false,
      },
    ],
    nextCursor: null,
  },
  '/api/admin/upstreams': {
    data: [
      {
        name: 'orders',
        url: 'http://orders.internal:9001',
        addresses: [
          { address: '10.0.1.4:9001', healthy: true },
          { address: '10.0.1.5:9001', healthy: false },
        ],
      },
      { name: 'search', url: 'http://search.internal:9002', addresses: null },
    ],
    nextCursor: null,
  },
  '/api/admin/consumers': { data: [{ name: 'Acme', keys: 3 }], nextCursor: null },
  '/api/admin/overrides': { data: [], nextCursor: null },
  '/api/admin/system': {
    version: '0.1.0',
    uptimeSeconds: 86_500,
    stores: [
      { name: 'keys', kind: 'sqlite', mode: 'normal', sizeBytes: 1_400_000 },
      { name: 'usage', kind: 'sqlite', mode: 'normal', sizeBytes: 94_000_000 },
    ],
    disk: { freeBytes: 91e9, totalBytes: 250e9 },
    certificates: [],
    config: { generation: 41, lastChanges: [{ time: at(1), actor: 'olga', action: 'key.update', object: 'key:NMNjpYpGU5' }] },
  },
  '/api/admin/config/validate': { valid: true, errors: [] },
  '/api/admin/config/diff': {
    changes: [
      { path: 'gateway.limits[0].refillRate', from: 5000, to: 8000 },
      { path: 'gateway.workers', from: 2, to: 4 },
    ],
    needsRestart: ['gateway.workers'],
  },
}

/** Answers in the server's place; keeps what changes something. */
async function pretend(page: Page): Promise<Request[]> {
  const changes: Request[] = []
  await page.route('**/api/admin/**', (route) => {
    const request = route.request()
    const { pathname } = new URL(request.url())
    if (pathname === '/api/admin/config/export')
      return route.fulfill({
        contentType: 'application/yaml',
        body: 'gateway:\n  limits:\n    - { name: everything, refillRate: 5000, maxBurst: 10000, scope: global }\n',
      })
    const known = answers[pathname]
    if (
      request.method() !== 'GET' &&
      !/validate|diff|match/.test(pathname) &&
      (known !== undefined || /users|overrides|sessions|bulk|password/.test(pathname))
    ) {
      changes.push(request)
      return route.fulfill({ status: 200, contentType: 'application/json', body: JSON.stringify({ data: [] }) })
    }
    return known === undefined ? route.continue() : route.fulfill({ contentType: 'application/json', body: JSON.stringify(known) })
  })
  return changes
}

for (const theme of ['light', 'dark'] as const) {
  it(`axe finds nothing where there is much to show, in ${theme}`, async () => {
    const key = await stage.api.createKey({ name: `Full ${theme}`, tier: 'free' })
    const { page } = await stage.enter({ theme })
    await pretend(page)
    const found: Record<string, unknown> = {}
    for (const path of [
      '/',
      '/keys',
      `/keys/${key.id}`,
      '/routes',
      '/system',
      '/system/users',
      '/system/audit',
      '/system/audit?seq=1204',
      '/system/config',
      '/account',
    ]) {
      await go(page, path)
      await page.waitForTimeout(900)
      if (path.endsWith('config'))
        await page
          .getByRole('button', { name: 'Check and compare' })
          .click()
          .then(() => page.waitForTimeout(300))
      const findings = await accessibility(page)
      if (findings.length > 0) found[path] = findings
      if (process.env.E2E_SHOTS) await page.screenshot({ path: `${process.env.E2E_SHOTS}/${path.replaceAll(/\W+/g, '-')}-${theme}.png` })
    }
    expect(found).toEqual({})
  })
}

it('makes, changes and ends users as the API takes it', async () => {
  const { page } = await stage.enter()
  const changes = await pretend(page)
  await go(page, '/system/users')
  await page.getByRole('button', { name: 'New user' }).click()
  await page.getByLabel('Name').fill('nina')
  await page.getByLabel('Password').fill('long enough to be one')
  await page.getByLabel('Role').selectOption('operator')
  await page.getByRole('button', { name: 'Make user' }).click()
  await page.getByText('nina may sign in as operator.').waitFor()
  await page.getByRole('button', { name: 'Actions for olga' }).click()
  await page.getByRole('menuitem', { name: 'Disable' }).click()
  await page.getByText('olga is signed out').waitFor()
  expect(changes.map((request) => [request.method(), new URL(request.url()).pathname, request.postDataJSON()])).toEqual([
    ['POST', '/api/admin/users', { name: 'nina', password: 'long enough to be one', role: 'operator' }],
    ['PATCH', '/api/admin/users/olga', { disabled: true }],
  ])
  for (const request of changes) expect(await request.headerValue('x-tollgate-csrf')).toBe('1')
  expect(await changes[0]?.headerValue('idempotency-key')).toMatch(/^[0-9a-f]{32}$/)
})

it('changes many keys in one request, and can take it back', async () => {
  const made = [await stage.api.createKey({ name: 'Many 1', tier: 'free' }), await stage.api.createKey({ name: 'Many 2', tier: 'free' })]
  const { page } = await stage.enter()
  const changes = await pretend(page)
  await go(page, '/keys?search=Many')
  for (const { name } of made) await page.getByLabel(`Select ${name}`).check()
  await page.getByRole('button', { name: 'Disable', exact: true }).click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Undone.').waitFor()
  const bodies = changes.map((request) => request.postDataJSON() as { ids: string[]; action: string })
  expect(bodies.map((body) => body.action)).toEqual(['disable', 'enable'])
  expect(new Set(bodies[0]?.ids)).toEqual(new Set(made.map((key) => key.id)))
})

it('says what a broken audit chain means', async () => {
  const { page } = await stage.enter()
  await pretend(page)
  await go(page, '/system/audit')
  await page.getByRole('button', { name: 'Verify the chain' }).click()
  await page.getByText('Broken at entry 977').waitFor()
})

it('offers a viewer nothing that would be refused', async () => {
  const { page } = await stage.enter()
  await page.route('**/api/admin/me', (route) =>
    route.fulfill({ contentType: 'application/json', body: JSON.stringify({ name: 'victor', role: 'viewer', expiresAt: at(-60), via: 'session' }) }),
  )
  await page.route('**/api/admin/users', (route) =>
    route.fulfill({
      status: 403,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 403, code: 'forbidden', detail: 'The role does not allow it.' }),
    }),
  )
  await page.goto(`${stage.origin.url}/keys`)
  const button = page.getByRole('button', { name: 'New key' })
  expect(await button.getAttribute('aria-disabled')).toBe('true')
  await button.click({ force: true })
  expect(await page.getByRole('dialog').count()).toBe(0)
  expect(await page.locator('tbody input[type=checkbox]').count()).toBe(0)
  await go(page, '/system/users')
  await page.getByText('Your role does not allow this').waitFor()
})
