import { expect, it } from 'vitest'
import { Api, send, token, until } from './support/api'
import { go } from './support/browser'
import { useStage } from './support/stage'

const stage = useStage()

it('puts an edited limit in force at once', async () => {
  const key = await stage.api.createKey({ name: 'Edited', tier: 'free' })
  const { page } = await stage.enter()
  await go(page, `/keys/${key.id}`)
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Limits of its own').check()
  await dialog.getByLabel('At once').fill('5')
  await dialog.getByLabel('Then, a second').fill('0.001')
  await dialog.getByLabel('To begin with').fill('5')
  await dialog.getByText('5 at once, then 1 every', { exact: false }).waitFor()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  const statuses = await send(stage.tollgate, 20, '/api/data', key.apiKey, 1)
  expect(statuses.filter((status) => status === 200)).toHaveLength(5)
  await until(
    () => page.getByRole('meter').getAttribute('aria-valuenow'),
    (level) => level === '0',
    'the empty bucket',
  )
  await page.getByText('of the last 15 refusals').waitFor()
})

it('rotates: the new text is shown once, the old one stops when no grace was given', async () => {
  const key = await stage.api.createKey({ name: 'Rotated', tier: 'pro' })
  const { page } = await stage.enter()
  await go(page, `/keys/${key.id}`)
  await page.getByRole('button', { name: 'Rotate…' }).click()
  await page.getByLabel('The old text works for').selectOption('0')
  await page.getByRole('button', { name: 'Rotate', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'The new text' })
  const fresh = await dialog.locator('.copy-line code').innerText()
  expect(fresh).toMatch(/^tg_live_/)
  expect(await send(stage.tollgate, 1, '/api/data', key.apiKey)).toEqual([401])
  expect(await send(stage.tollgate, 1, '/api/data', fresh)).toEqual([200])
  await page.keyboard.press('Escape')
  await dialog.getByLabel('I have stored it').check()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await page.content()).not.toContain(fresh)
})

it('disables with a way back, and deletes only what was meant', async () => {
  const key = await stage.api.createKey({ name: 'Stopped', tier: 'pro' })
  const { page } = await stage.enter()
  await go(page, `/keys/${key.id}`)
  await page.getByRole('button', { name: 'Disable…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Disable', exact: true }).click()
  await page.getByText('Disabled', { exact: true }).waitFor()
  expect(await send(stage.tollgate, 1, '/api/data', key.apiKey)).toEqual([401])
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Active', { exact: true }).waitFor()
  expect(await send(stage.tollgate, 1, '/api/data', key.apiKey)).toEqual([200])

  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  const dialog = page.getByRole('dialog')
  const remove = dialog.getByRole('button', { name: 'Delete for good' })
  expect(await remove.getAttribute('aria-disabled')).toBe('true')
  const last4 = (await stage.api.call<{ last4: string }>(`/api/admin/keys/${key.id}`)).last4
  await dialog.getByLabel(/last four/).fill(last4)
  await remove.click()
  await page.getByRole('heading', { name: 'Keys' }).waitFor()
  expect(await send(stage.tollgate, 1, '/api/data', key.apiKey)).toEqual([401])
})

it('shows both versions when two people edit one key, and loses neither', async () => {
  const key = await stage.api.createKey({ name: 'Shared', tier: 'free', consumer: 'before' })
  const { page } = await stage.enter()
  await go(page, `/keys/${key.id}`)
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Shared by me')
  await new Api(stage.tollgate, await token(stage.tollgate)).call(`/api/admin/keys/${key.id}`, 'PATCH', { consumer: 'theirs' })
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  const conflict = page.getByRole('dialog', { name: 'Somebody else changed this' })
  await conflict.getByText('Shared by me').waitFor()
  await conflict.getByText('theirs', { exact: true }).waitFor()
  await conflict.getByRole('button', { name: 'Save mine over it' }).click()
  await conflict.waitFor({ state: 'detached' })
  const now = await stage.api.call<{ name: string; consumer: string }>(`/api/admin/keys/${key.id}`)
  expect(now.name).toBe('Shared by me')
})

it('treats names as text, whatever is in them', async () => {
  const names = [
    '<img src=x onerror=alert(1)>',
    '"><script>alert(1)</script>',
    "'; DROP TABLE keys;--",
    '{{7*7}}',
    '=cmd|/C calc',
    'مرحبا \u202e gnirts',
    '👩‍👩‍👧 ñ',
    'a'.repeat(200),
  ]
  const { page } = await stage.enter()
  let ran = false
  page.on('dialog', (dialog) => {
    ran = true
    void dialog.dismiss()
  })
  for (const name of names) await stage.api.createKey({ name, consumer: name, tier: 'free' })
  await go(page, '/keys')
  for (const name of names) await page.getByRole('link', { name, exact: true }).waitFor()
  await page.getByRole('link', { name: names[0] ?? '', exact: true }).click()
  await page.getByRole('heading', { name: names[0] ?? '' }).waitFor()
  expect(ran).toBe(false)
  expect(await page.locator('img, script:not([src])').count()).toBe(0)
})

const many = Number(process.env.E2E_KEYS ?? '1500')

it(
  'finds and scrolls among many keys without rendering them all',
  async () => {
    const batch = 50
    for (let i = 0; i < many; i += batch)
      await Promise.all(
        Array.from({ length: batch }, (_, j) => stage.api.createKey({ name: `Bulk ${String(i + j).padStart(6, '0')}`, tier: 'free' })),
      )
    const { page } = await stage.enter()
    await go(page, '/keys')
    await page.getByRole('link', { name: /^Bulk/ }).first().waitFor()
    const table = page.getByRole('region', { name: 'Keys' })
    await page.evaluate(() => {
      const tasks: number[] = []
      Object.assign(window, { tasks })
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' })
    })
    const start = Date.now()
    await until(
      async () => {
        await table.evaluate((element) => element.scrollTo(0, element.scrollHeight))
        return page.getByText('Bulk 000000').count()
      },
      (n) => n > 0,
      'the oldest of them',
      20_000 + many * 4,
    )
    const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks)
    console.log(
      JSON.stringify({
        figure: 'keys to the end',
        keys: many,
        milliseconds: Date.now() - start,
        longTasks: tasks.length,
        longestMs: Math.round(Math.max(0, ...tasks)),
      }),
    )
    expect(await table.locator('tbody tr').count()).toBeLessThan(80)
    const asked = Date.now()
    await page.getByRole('searchbox', { name: 'Search keys' }).fill('Bulk 000777')
    await until(
      () => table.locator('tbody tr').count(),
      (n) => n === 1,
      'the one that was searched',
    )
    console.log(JSON.stringify({ figure: 'keys searched', keys: many, milliseconds: Date.now() - asked }))
    expect(new URL(page.url()).searchParams.get('search')).toBe('Bulk 000777')
  },
  120_000 + many * 8,
)
