import { expect, it } from 'vitest'
import { send } from './support/api'
import { password } from './support/tollgate'
import { useStage } from './support/stage'

const stage = useStage()

it('takes a person from the password to their first refused request, explained', async () => {
  const { page } = await stage.knock()
  await page.goto(`${stage.origin.url}/`)
  await page.getByLabel('User name').fill('admin')
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').filter({ hasText: 'wrong' }).waitFor()
  await page.getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')

  await page.getByRole('link', { name: /Make the first one/ }).click()
  await page.getByLabel('Name', { exact: true }).fill('Shop')
  await page.getByRole('button', { name: 'Make key' }).click()
  const line = await page.locator('code', { hasText: 'curl -i' }).innerText()
  const apiKey = /X-API-Key: (tg_live_\w+)/.exec(line)?.[1] ?? ''
  expect(line).toContain(stage.tollgate.endpoints.gateway)

  const first = await send(stage.tollgate, 1, '/api/data', apiKey)
  expect(first).toEqual([200])
  await page.getByText('1 request', { exact: true }).waitFor()
  const burst = await send(stage.tollgate, 150, '/api/data', apiKey)
  expect(burst).toContain(429)
  await page.getByText('151 requests', { exact: true }).waitFor()

  const id = ((await stage.api.call<{ data: { id: string }[] }>('/api/analytics/requests?outcome=limited&limit=1')).data[0] ?? { id: '' }).id
  await page.goto(`${stage.origin.url}/requests?id=${id}`)
  const drawer = page.getByRole('dialog')
  await drawer.getByText(/Refused by limit "key": it had 0 tokens/).waitFor()
  await drawer.getByText('Who had used the tokens').waitFor()
  await drawer.getByText(/it needed 1/).waitFor()
})

it('is kept signed in when the page is loaded again, and signs out when asked', async () => {
  const { page } = await stage.enter()
  await page.goto(`${stage.origin.url}/keys`)
  await page.getByRole('heading', { name: 'Keys' }).waitFor()
  await page.getByRole('button', { name: /Account of admin/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in to Tollgate' }).waitFor()
  await page.goto(`${stage.origin.url}/keys`)
  await page.getByRole('heading', { name: 'Sign in to Tollgate' }).waitFor()
})
