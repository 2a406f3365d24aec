import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { send, until } from './support/api'
import { go } from './support/browser'
import { useStage } from './support/stage'

const stage = useStage()

/** The figure of a tile, by its name. */
async function tile(page: Page, name: string): Promise<string> {
  return page
    .locator('.tile', { has: page.getByText(name, { exact: true }) })
    .locator('.tile-value')
    .innerText()
}

it('shows live exactly what was sent', async () => {
  const key = await stage.api.createKey({ name: 'Live', tier: 'free' })
  const { page } = await stage.enter()
  await page.getByText('Live', { exact: true }).first().waitFor()
  const statuses = await send(stage.tollgate, 260, '/api/data', key.apiKey)
  statuses.push(...(await send(stage.tollgate, 7, '/api/data', 'tg_live_nobody')))
  const limited = statuses.filter((status) => status === 429).length
  expect(limited).toBeGreaterThan(0)

  await until(
    () => tile(page, 'Requests in all'),
    (text) => text === '267',
    'requests in all',
  )
  const top = page.getByRole('region', { name: 'Busiest keys' })
  await until(
    () => top.locator('tbody tr').first().innerText(),
    (text) => text.includes('260') && text.includes('Live'),
    'the busiest key',
  )
  const share = `${((limited / 260) * 100).toPrecision(3).replace(/\.?0+$/, '')} %`
  expect(await top.locator('tbody tr').first().innerText()).toContain(share)
  await until(
    async () => (await page.locator('.balance').innerText()).replaceAll(/\s+/g, ' '),
    (text) => text.includes('267 produced = 267 stored') && text.includes('adds up'),
    'the conservation line',
  )
})

it('has the range, the comparison and a zoom in the URL', async () => {
  const { page } = await stage.enter()
  await page.getByLabel('15m').click({ force: true })
  await page.getByRole('button', { name: 'Compare with before' }).click()
  expect(new URL(page.url()).search).toBe('?compare=1&range=15m')
  await page.reload()
  await page.locator('.tile', { hasText: 'Requests' }).first().waitFor()
  expect(await tile(page, 'Requests')).toBe('267')

  const plot = page.locator('.u-over').first()
  await plot.waitFor()
  const box = await plot.boundingBox()
  if (box === null) throw new Error('no chart')
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.9, box.y + 40, { steps: 5 })
  await page.mouse.up()
  await until(
    async () => page.url(),
    (url) => url.includes('~') || url.includes('%7E'),
    'the zoomed range in the URL',
  )
  await page.goBack()
  expect(new URL(page.url()).searchParams.get('range')).toBe('15m')
})

it('goes on by itself when the server is restarted under it', async () => {
  const { page } = await stage.enter()
  await page.getByText('Live', { exact: true }).first().waitFor()
  await stage.tollgate.kill()
  await page.getByText('Tollgate does not answer.', { exact: false }).first().waitFor()
  await stage.tollgate.start()
  // The stand-in's token is of the process before; a server with sessions of its own keeps them over a restart.
  if (stage.origin.kind === 'stand-in') return
  await page.getByText('Tollgate does not answer.', { exact: false }).waitFor({ state: 'detached' })
  await page.getByText('Live', { exact: true }).first().waitFor()
  await go(page, '/keys')
  await page.getByRole('link', { name: 'Live' }).waitFor()
})
