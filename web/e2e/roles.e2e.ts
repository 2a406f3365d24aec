// What needs users and the audit of the server itself; passed over where it has none.
import { expect, it } from 'vitest'
import { go, signIn } from './support/browser'
import { useStage } from './support/stage'

const stage = useStage()
const secret = 'horse battery staple 9'

async function serves(path: string): Promise<boolean> {
  return stage.api.call(path).then(
    () => true,
    (error: unknown) => !/: 404 /.test(String(error)),
  )
}

it('lets a viewer see everything but users, and change nothing', async (context) => {
  if (!(await serves('/api/admin/users'))) return context.skip()
  await stage.api.call('/api/admin/users', 'POST', { name: 'victor', password: secret, role: 'viewer' })
  const key = await stage.api.createKey({ name: 'Seen', tier: 'free' })
  const { page } = await stage.knock()
  await signIn(page, stage.origin, 'victor', secret)
  await go(page, `/keys/${key.id}`)
  for (const name of ['Edit', 'Rotate…', 'Disable…'])
    expect(await page.getByRole('button', { name, exact: true }).getAttribute('aria-disabled')).toBe('true')
  const refused = await page.evaluate(async (id) => {
    const headers = { 'X-Tollgate-Csrf': '1', 'Content-Type': 'application/json' }
    const answers = await Promise.all([
      fetch(`/api/admin/keys/${id}/disable`, { method: 'POST', headers }),
      fetch('/api/admin/keys', { method: 'POST', headers, body: '{"name":"x"}' }),
      fetch(`/api/admin/keys/${id}`, { method: 'DELETE', headers }),
    ])
    return answers.map((answer) => answer.status)
  }, key.id)
  expect(refused).toEqual([403, 403, 403])
  await go(page, '/system/users')
  await page.getByText('Your role does not allow this').waitFor()
})

it('shows who changed a key, why, and that the chain is whole', async (context) => {
  if (!(await serves('/api/admin/audit'))) return context.skip()
  const key = await stage.api.createKey({ name: 'Audited', tier: 'free' })
  const { page } = await stage.enter()
  await go(page, `/keys/${key.id}`)
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Audited twice')
  await page
    .getByRole('dialog')
    .getByLabel(/Reason/)
    .fill('Wäre sonst verwechselt')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByText('Wäre sonst verwechselt').waitFor()
  await go(page, `/system/audit?object=key:${key.id}`)
  await page
    .getByRole('button', { name: /^Open entry/ })
    .first()
    .click()
  const drawer = page.getByRole('dialog', { name: /^Entry/ })
  await drawer.getByText('Audited twice').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Verify the chain' }).click()
  await page.getByText(/entries, whole/).waitFor()
})
