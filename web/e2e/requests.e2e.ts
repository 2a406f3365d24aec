import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { send, until } from './support/api'
import { go } from './support/browser'
import { useStage } from './support/stage'
import { password } from './support/tollgate'

const stage = useStage()

it('tails what happens, stands still while paused and loses nothing of the count', async () => {
  const key = await stage.api.createKey({ name: 'Tailed', tier: 'enterprise' })
  const { page } = await stage.enter()
  await go(page, `/requests?mode=tail&key=${key.id}`)
  await page.getByText('Live', { exact: true }).waitFor()
  await send(stage.tollgate, 25, '/api/data', key.apiKey)
  await page.getByText('25 requests', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await send(stage.tollgate, 10, '/api/data', key.apiKey)
  await page.getByText('25 requests, 10 more since the pause').waitFor()
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByText('35 requests', { exact: true }).waitFor()
})

it('downloads as CSV as many rows as were sent', async () => {
  const key = await stage.api.createKey({ name: 'Exported', tier: 'free', consumer: '=1+1' })
  await send(stage.tollgate, 180, '/api/data', key.apiKey)
  await until(
    () => stage.api.call<{ data: unknown[] }>(`/api/analytics/requests?key=${key.id}&limit=1000`),
    (page) => page.data.length === 180,
    'the log',
  )
  const { page } = await stage.enter()
  await go(page, `/requests?key=${key.id}&range=1h`)
  await page.getByRole('region', { name: 'Requests' }).waitFor()
  await page.getByRole('button', { name: 'Download' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: /CSV/ }).click()])
  const lines = readFileSync(await file.path(), 'utf8')
    .trimEnd()
    .split('\n')
  expect(lines).toHaveLength(181)
  expect(lines[1]).toContain("'=1+1")
})

it('keeps filters in the URL, so that a link shows the same', async () => {
  const { page } = await stage.enter()
  await go(page, '/requests')
  await page.getByLabel('Outcome').selectOption('limited')
  await until(
    async () => new URL(page.url()).search,
    (search) => search === '?outcome=limited',
    'the URL',
  )
  await page.reload()
  const rows = page.getByRole('region', { name: 'Requests' }).locator('tbody tr')
  await rows.first().waitFor()
  for (const text of await rows.allInnerTexts()) if (text.trim() !== '') expect(text).toContain('429')
})

it('says that the session is over, and goes on where it was', async () => {
  const { page, context } = await stage.enter()
  await go(page, '/tiers')
  await page.getByText('100 at once, then 10 a second').waitFor()
  await context.clearCookies()
  await go(page, '/reports')
  const dialog = page.getByRole('dialog', { name: 'Your session is over' })
  await dialog.waitFor()
  await dialog.getByLabel('Password').fill(password)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('heading', { name: /^Usage in/ }).waitFor()
  await page.getByRole('region', { name: 'Usage' }).waitFor()
})

it('reports what was used, and its total is that of the log', async () => {
  const { page } = await stage.enter()
  await go(page, '/reports?by=key')
  const total = page.locator('tfoot tr')
  await total.waitFor()
  const stats = await stage.api.call<{ totalRequests: number }>('/api/analytics/system-stats')
  expect(await total.innerText()).toContain(new Intl.NumberFormat('en').format(stats.totalRequests))
})
