// Debian's Chromium, driven by playwright-core. Each page keeps what must not happen: requests to other origins, violations of the security policy, errors.
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import axe from 'axe-core'
import { password } from './tollgate'
import type { Origin } from './origin'

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

export interface Seen {
  foreign: string[]
  violations: string[]
  errors: string[]
}

export interface Visit {
  page: Page
  context: BrowserContext
  seen: Seen
  close: () => Promise<void>
}

export interface VisitOptions {
  theme?: 'light' | 'dark'
  width?: number
  height?: number
  scale?: number
}

export async function visit(browser: Browser, origin: Origin, options: VisitOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    colorScheme: options.theme ?? 'light',
    viewport: { width: options.width ?? 1360, height: options.height ?? 900 },
    deviceScaleFactor: options.scale ?? 1,
    timezoneId: 'Europe/Zurich',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  })
  const seen: Seen = { foreign: [], violations: [], errors: [] }
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`))
  })
  const page = await context.newPage()
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(origin.url) && !/^(data|blob):/.test(url)) seen.foreign.push(url)
  })
  page.on('console', (message) => {
    if (/^CSP |Content Security Policy/.test(message.text())) seen.violations.push(message.text())
  })
  page.on('pageerror', (error) => seen.errors.push(String(error)))
  return { page, context, seen, close: () => context.close() }
}

export async function signIn(page: Page, origin: Origin, username = 'admin', secret = password): Promise<void> {
  await page.goto(`${origin.url}/`)
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password').fill(secret)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('#places').waitFor({ state: 'attached' })
}

/** Goes to another page of the dashboard as a link would: without loading it anew. */
export async function go(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, '', to)
    dispatchEvent(new PopStateEvent('popstate'))
  }, path)
}

export interface Finding {
  rule: string
  nodes: string[]
}

/** WCAG 2.0 to 2.2, A and AA, and axe's best practices. It is put in by the debugger, past the page's security policy. */
export async function accessibility(page: Page): Promise<Finding[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe: run } = window as unknown as {
      axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> }
    }
    const result = await run.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    return result.violations.map((violation) => ({
      rule: violation.id,
      nodes: violation.nodes.slice(0, 4).map((node) => `${node.html.slice(0, 200)} :: ${node.failureSummary.slice(0, 300)}`),
    }))
  })
}
