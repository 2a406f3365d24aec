// What pages ask for, each with its name in the cache and how long an answer is good.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { query } from '../lib/url'
import type { Range } from '../lib/time'
import { call, get } from './client'
import type {
  AuditEntry,
  Dashboard,
  EffectiveLimit,
  Key,
  KeyState,
  KeyUsage,
  Latencies,
  Override,
  Page,
  Route,
  Tier,
  TimeSeries,
  TopList,
  Upstream,
} from './types'

const iso = (ms: number) => new Date(ms).toISOString()

export const dashboardQuery = (everyMs: number | false = 5000) =>
  queryOptions({
    queryKey: ['dashboard'],
    queryFn: ({ signal }) => get<Dashboard>('/api/admin/monitoring/dashboard', signal),
    refetchInterval: everyMs,
  })

export const tiersQuery = () =>
  queryOptions({ queryKey: ['tiers'], queryFn: ({ signal }) => get<Page<Tier>>('/api/admin/tiers', signal).then((p) => p.data) })

export const routesQuery = () =>
  queryOptions({
    queryKey: ['routes'],
    queryFn: ({ signal }) => get<Page<Route>>('/api/admin/routes', signal).then((p) => p.data),
    staleTime: 60_000,
  })

export const upstreamsQuery = () =>
  queryOptions({
    queryKey: ['upstreams'],
    queryFn: ({ signal }) => get<{ data: Upstream[] | null }>('/api/admin/upstreams', signal).then((p) => p.data),
    refetchInterval: 5000,
  })

const keyPath = (id: string) => `/api/admin/keys/${encodeURIComponent(id)}`

/** A key and the ETag that a change of it must name. */
export const keyQuery = (id: string) =>
  queryOptions({ queryKey: ['key', id], queryFn: ({ signal }) => call<Key>(keyPath(id), { signal }), staleTime: 30_000 })

export const keyStateQuery = (id: string) =>
  queryOptions({
    queryKey: ['key', id, 'state'],
    queryFn: async ({ signal }) => ({ state: await get<KeyState>(`${keyPath(id)}/state`, signal), readAt: Date.now() }),
    refetchInterval: 1000,
  })

export const effectiveLimitsQuery = (id: string) =>
  queryOptions({
    queryKey: ['key', id, 'limits'],
    queryFn: ({ signal }) => get<{ data: EffectiveLimit[] }>(`${keyPath(id)}/effective-limits`, signal).then((p) => p.data),
  })

export const keyUsageQuery = (id: string) =>
  queryOptions({ queryKey: ['key', id, 'usage'], queryFn: ({ signal }) => get<KeyUsage>(`${keyPath(id)}/usage`, signal) })

export const overridesQuery = () =>
  queryOptions({ queryKey: ['overrides'], queryFn: ({ signal }) => get<Page<Override>>('/api/admin/overrides', signal).then((p) => p.data) })

export interface UsageFilter {
  key?: string | null
  consumer?: string | null
  route?: string | null
  tier?: string | null
  status?: string | null
  method?: string | null
}

export interface SeriesQuestion extends UsageFilter {
  range: Range
  step: number
  groupBy?: string | null
  metric?: string
  series?: number
}

/** Follows the clock when `everyMs` is given; what was shown stays until the new answer is there. */
export const seriesQuery = (name: string, question: (now: number) => SeriesQuestion, everyMs: number | false = false) =>
  queryOptions({
    queryKey: ['series', name],
    queryFn: async ({ signal }) => {
      const { range, step, ...rest } = question(Date.now())
      const data = await get<TimeSeries>(
        `/api/analytics/time-series${query({ ...rest, step: `${step}s`, from: iso(range.from), to: iso(range.to) })}`,
        signal,
      )
      // What is covered may end with a whole minute that is still to come; what has happened ends where was asked.
      return { ...data, to: iso(Math.min(Date.parse(data.to), range.to)) }
    },
    refetchInterval: everyMs,
    placeholderData: keepPreviousData,
  })

export type TopBy = 'key' | 'endpoint' | 'route' | 'consumer' | 'tier' | 'status' | 'method'

export const topQuery = (
  name: string,
  by: TopBy,
  metric: string,
  limit: number,
  range: (now: number) => Range,
  filter: UsageFilter = {},
  everyMs: number | false = false,
) =>
  queryOptions({
    queryKey: ['top', by, metric, limit, name, filter],
    queryFn: ({ signal }) => {
      const { from, to } = range(Date.now())
      return get<TopList>(`/api/analytics/top${query({ by, metric, limit, ...filter, from: iso(from), to: iso(to) })}`, signal)
    },
    refetchInterval: everyMs,
    placeholderData: keepPreviousData,
  })

export const latencyQuery = (
  name: string,
  groupBy: string,
  range: (now: number) => Range,
  filter: UsageFilter = {},
  everyMs: number | false = false,
) =>
  queryOptions({
    queryKey: ['latency', groupBy, name, filter],
    queryFn: ({ signal }) => {
      const { from, to } = range(Date.now())
      return get<Latencies>(
        `/api/analytics/latency${query({ quantiles: '0.5,0.95,0.99', groupBy, ...filter, from: iso(from), to: iso(to) })}`,
        signal,
      )
    },
    refetchInterval: everyMs,
    placeholderData: keepPreviousData,
  })

export interface AuditFilter {
  actor?: string | null
  action?: string | null
  object?: string | null
  from?: string | null
  to?: string | null
  limit?: number
}

export const auditQuery = (filter: AuditFilter) =>
  queryOptions({ queryKey: ['audit', filter], queryFn: ({ signal }) => get<Page<AuditEntry>>(`/api/admin/audit${query({ ...filter })}`, signal) })
