import { queryOptions } from '@tanstack/react-query'
import { get } from '../../api/client'
import type { Key, Page } from '../../api/types'
import { count, plural } from '../../lib/format'
import { query } from '../../lib/url'

export interface Reach {
  /** Of the first thousand: those that follow the tier, and those with limits of their own. */
  following: number
  own: number
  names: string[]
  /** All of them, when the server counts them or they fit into one page. */
  total: number | null
}

/** Whom a change of a tier touches. The first thousand keys are looked at; beyond that the split is said of those. */
export const keysOfTierQuery = (tier: string) =>
  queryOptions({
    queryKey: ['keys', 'of tier', tier],
    queryFn: async ({ signal }): Promise<Reach> => {
      const page = await get<Page<Key>>(`/api/admin/keys${query({ tier, limit: 1000 })}`, signal)
      const following = page.data.filter((key) => key.limitSource === 'tier')
      return {
        following: following.length,
        own: page.data.length - following.length,
        names: following.slice(0, 5).map((key) => key.name),
        total: page.total ?? (page.nextCursor === null ? page.data.length : null),
      }
    },
    staleTime: 10_000,
  })

/** "12 keys", "more than 1,000 keys". */
export function reach(of: Reach): string {
  return of.total === null ? `more than ${count(of.following + of.own)} keys` : plural(of.total, 'key')
}

/** What saving will do, before it is saved. */
export function consequence(of: Reach): string {
  const looked = of.following + of.own
  if (looked === 0) return 'No key has this tier: nothing changes for anybody.'
  const scope = of.total !== null && of.total === looked ? '' : `Of the first ${count(looked)} keys, `
  const who = `${plural(of.following, 'key follows', 'keys follow')} it: the new numbers are theirs at once`
  const rest = of.own === 0 ? '' : `; ${plural(of.own, 'key has', 'keys have')} limits of their own and stay as they are`
  return `${scope}${scope === '' ? who : who.toLowerCase()}${rest}.`
}
