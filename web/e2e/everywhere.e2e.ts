// What must hold on every page: no finding of axe in either theme, nothing cut off at 390 px, and a keyboard is enough.
import { beforeAll, describe, expect, it } from 'vitest'
import { pages } from './pages'
import { send } from './support/api'
import { accessibility, go } from './support/browser'
import { useStage } from './support/stage'

const stage = useStage()
let keyPage = ''

beforeAll(async () => {
  const key = await stage.api.createKey({ name: 'Everywhere', tier: 'free', consumer: 'Acme' })
  keyPage = `/keys/${key.id}`
  await send(stage.tollgate, 150, '/api/data', key.apiKey)
  await send(stage.tollgate, 5, '/api/status/503', key.apiKey)
})

for (const theme of ['light', 'dark'] as const) {
  describe(`in ${theme}`, () => {
    it('axe finds nothing on any page, nor in what opens over them', async () => {
      const { page } = await stage.enter({ theme })
      const found: Record<string, unknown> = {}
      const look = async (where: string) => {
        const findings = await accessibility(page)
        if (findings.length > 0) found[where] = findings
      }
      for (const path of [...pages, keyPage]) {
        await go(page, path)
        await page.locator('main h1').first().waitFor()
        await page.waitForLoadState('networkidle').catch(() => {})
        await page.waitForTimeout(800)
        await look(path)
      }
      await go(page, '/keys')
      await page.getByRole('button', { name: 'New key' }).click()
      await page.getByRole('dialog').waitFor()
      await look('/keys, making one')
      await page.keyboard.press('Escape')
      await go(page, '/requests?outcome=limited')
      await page.getByRole('button', { name: /^Why/ }).first().click()
      await page.getByRole('dialog').getByText('Who had used the tokens').waitFor()
      await look('why')
      expect(found).toEqual({})
    }, 180_000)
  })
}

it('axe finds nothing where one signs in', async () => {
  const { page } = await stage.knock()
  await page.goto(`${stage.origin.url}/`)
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(await accessibility(page)).toEqual([])
})

it('fits into 390 px: no page scrolls sideways', async () => {
  const { page } = await stage.enter({ width: 390, height: 844 })
  const wide: string[] = []
  for (const path of [...pages, keyPage]) {
    await go(page, path)
    await page.locator('main h1').first().waitFor()
    await page.waitForTimeout(500)
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    if (over > 0) wide.push(`${path}: ${over} px`)
  }
  expect(wide).toEqual([])
})

it('needs no mouse: to a page, through a form, and back', async () => {
  const { page } = await stage.enter()
  await page.keyboard.press('g')
  await page.keyboard.press('k')
  await page.getByRole('heading', { name: 'Keys' }).waitFor()
  const button = page.getByRole('button', { name: 'New key' })
  await button.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type('By keyboard')
  await page.keyboard.press('Enter')
  const secret = page.getByRole('dialog', { name: 'The key is made' })
  await secret.waitFor()
  await secret.getByLabel('I have stored it').focus()
  await page.keyboard.press('Space')
  await secret.getByRole('button', { name: 'Done' }).focus()
  await page.keyboard.press('Enter')
  await secret.waitFor({ state: 'detached' })
  await page.keyboard.press('/')
  await page.keyboard.type('By keyboard')
  await page.getByRole('link', { name: 'By keyboard' }).waitFor()
  await page.getByRole('link', { name: 'By keyboard' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'By keyboard' }).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})
