// A picture of each page, light and dark, wide and at 390 px, of a demo that runs for it. `--quick` takes wide and light only, for looking while working.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { go, openBrowser, signIn, visit } from '../../e2e/support/browser'
import { openOrigin } from '../../e2e/support/origin'
import { startDemo, type Demo } from './demo'

interface Shot {
  name: string
  path: (demo: Demo) => string
  /** What to do on the page before the picture. */
  act?: (page: Page, demo: Demo) => Promise<void>
}

const shots: Shot[] = [
  { name: 'overview', path: () => '/' },
  { name: 'overview-15m', path: () => '/?range=15m&compare=1' },
  { name: 'start', path: () => '/start' },
  { name: 'keys', path: () => '/keys' },
  { name: 'key-create', path: () => '/keys', act: (page) => page.getByRole('button', { name: 'New key' }).click() },
  { name: 'key', path: (demo) => `/keys/${demo.keys[1]?.id}?range=15m` },
  { name: 'tiers', path: () => '/tiers' },
  { name: 'tier-edit', path: () => '/tiers', act: (page) => page.getByRole('button', { name: 'Edit' }).first().click() },
  { name: 'routes', path: () => '/routes?test=%2Fapi%2Fstatus%2F200' },
  { name: 'requests', path: () => '/requests' },
  { name: 'why', path: () => '/requests?outcome=limited', act: (page) => page.getByRole('button', { name: /^Why/ }).first().click() },
  { name: 'explorer', path: () => '/explorer?by=route&range=15m' },
  { name: 'reports', path: () => '/reports' },
  { name: 'system', path: () => '/system' },
  { name: 'users', path: () => '/system/users' },
  { name: 'audit', path: () => '/system/audit' },
  { name: 'config', path: () => '/system/config' },
  { name: 'account', path: () => '/account' },
]

function option(args: string[], name: string): string | null {
  const at = args.indexOf(name)
  return at < 0 ? null : (args[at + 1] ?? null)
}

export async function shoot(args: string[]): Promise<void> {
  const out = resolve(option(args, '--out') ?? new URL('../../../docs/images', import.meta.url).pathname)
  const only = option(args, '--only')?.split(',')
  const warm = Number(option(args, '--warm') ?? '40') * 1000
  const looks = args.includes('--quick')
    ? [['light', 1360] as const]
    : (['light', 'dark'] as const).flatMap((theme) => [[theme, 1360] as const, [theme, 390] as const])
  mkdirSync(out, { recursive: true })
  const demo = await startDemo()
  const browser = await openBrowser()
  const origin = await openOrigin(demo.tollgate)
  try {
    await new Promise((resolve) => setTimeout(resolve, warm))
    for (const [theme, width] of looks) {
      const guest = await visit(browser, origin, { theme, width, height: width === 390 ? 844 : 900 })
      if (only === undefined || only.includes('sign-in')) {
        await guest.page.goto(`${origin.url}/`)
        await guest.page.getByLabel('Password').waitFor()
        await guest.page.screenshot({ path: join(out, `sign-in-${theme}-${width}.png`) })
      }
      await signIn(guest.page, origin)
      for (const shot of shots) {
        if (only !== undefined && !only.includes(shot.name)) continue
        await go(guest.page, shot.path(demo))
        await guest.page.waitForTimeout(1600)
        try {
          await shot.act?.(guest.page, demo)
          await guest.page.waitForTimeout(700)
        } catch (error) {
          console.error(`${shot.name}: ${String(error).split('\n')[0]}`)
        }
        // As tall as the page: a picture of a whole page would show what sticks to the window in the middle of it.
        const tall = shot.act === undefined ? await guest.page.evaluate(() => document.documentElement.scrollHeight) : 0
        const size = { width, height: width === 390 ? 844 : 900 }
        if (tall > size.height) await guest.page.setViewportSize({ width, height: Math.min(tall, 3000) })
        await guest.page.waitForTimeout(tall > size.height ? 400 : 0)
        await guest.page.screenshot({ path: join(out, `${shot.name}-${theme}-${width}.png`) })
        await guest.page.setViewportSize(size)
        await guest.page.keyboard.press('Escape')
      }
      for (const problem of [...guest.seen.errors, ...guest.seen.violations, ...guest.seen.foreign]) console.error(problem)
      await guest.close()
    }
  } finally {
    await browser.close()
    await origin.close()
    await demo.stop()
  }
}
