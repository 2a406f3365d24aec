// What each end-to-end file needs: a Tollgate, an origin, a browser; and the check that no page did what it must not.
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { Api, token } from './api'
import { openBrowser, signIn, visit, type Visit, type VisitOptions } from './browser'
import { openOrigin, type Origin } from './origin'
import { startTollgate, type Tollgate } from './tollgate'

export interface Stage {
  tollgate: Tollgate
  origin: Origin
  browser: Browser
  api: Api
  /** A visitor who is signed in. */
  enter: (options?: VisitOptions) => Promise<Visit>
  /** One who is not. */
  knock: (options?: VisitOptions) => Promise<Visit>
}

export function useStage(): Stage {
  const stage = {} as Stage
  let visits: Visit[] = []
  stage.knock = async (options) => {
    const guest = await visit(stage.browser, stage.origin, options)
    visits.push(guest)
    return guest
  }
  stage.enter = async (options) => {
    const guest = await stage.knock(options)
    await signIn(guest.page, stage.origin)
    return guest
  }

  beforeAll(async () => {
    stage.tollgate = await startTollgate()
    stage.api = new Api(stage.tollgate, await token(stage.tollgate))
    stage.origin = await openOrigin(stage.tollgate)
    stage.browser = await openBrowser()
  })

  afterEach(async () => {
    const seen = visits.map((guest) => guest.seen)
    await Promise.all(visits.map((guest) => guest.close()))
    visits = []
    for (const { foreign, violations, errors } of seen) expect({ foreign, violations, errors }).toEqual({ foreign: [], violations: [], errors: [] })
  })

  afterAll(async () => {
    await stage.browser?.close()
    await stage.origin?.close()
    await stage.tollgate?.stop()
  })
  return stage
}
