import { infiniteQueryOptions } from '@tanstack/react-query'
import { get } from '../../api/client'
import type { Key, Page } from '../../api/types'
import { query } from '../../lib/url'

export interface KeysFilter {
  search: string
  tier: string
  status: string
  consumer: string
  sort: string
  order: string
}

/** Pages of keys as the server cuts them: what is searched, filtered and sorted is the server's work, however many keys there are. */
export const keysQuery = (filter: KeysFilter) =>
  infiniteQueryOptions({
    queryKey: ['keys', 'list', filter],
    queryFn: ({ pageParam, signal }) => get<Page<Key>>(`/api/admin/keys${query({ ...filter, limit: 200, cursor: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (before) => before,
  })

export type KeyPhase = 'active' | 'disabled' | 'expired' | 'expiring'

/** What a key is right now: a key that is active but past its expiry opens nothing. */
export function phaseOf(key: Pick<Key, 'status' | 'expiresAt'>, now: number): KeyPhase {
  if (key.status === 'disabled') return 'disabled'
  if (key.expiresAt === null) return 'active'
  const left = Date.parse(key.expiresAt) - now
  if (left <= 0) return 'expired'
  return left < 7 * 86_400_000 ? 'expiring' : 'active'
}
