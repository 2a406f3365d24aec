// What the explorer asks and how it reads the answer; pure.
import type { TimeSeries } from '../../api/types'
import { passed } from '../../lib/time'
import { bytes, count, duration, rate, share } from '../../lib/format'

export const metrics = [
  'requests',
  'allowed',
  'rateLimited',
  'unauthorized',
  'errors',
  'limitedShare',
  'errorShare',
  'p50',
  'p90',
  'p99',
  'bytesIn',
  'bytesOut',
  'cost',
  'clients',
] as const
export type Metric = (typeof metrics)[number]

export const metricName: Record<Metric, string> = {
  requests: 'Requests a second',
  allowed: 'Let through a second',
  rateLimited: 'Limited a second',
  unauthorized: 'Unauthorized a second',
  errors: 'Errors a second',
  limitedShare: 'Share limited',
  errorShare: 'Share of errors',
  p50: 'Latency p50',
  p90: 'Latency p90',
  p99: 'Latency p99',
  bytesIn: 'Bytes in a second',
  bytesOut: 'Bytes out a second',
  cost: 'Tokens a second',
  clients: 'Distinct clients',
}

export const dimensions = ['', 'key', 'consumer', 'route', 'tier', 'status', 'method'] as const
export type Dimension = (typeof dimensions)[number]

export const dimensionName: Record<Dimension, string> = {
  '': 'everything together',
  key: 'key',
  consumer: 'consumer',
  route: 'route',
  tier: 'tier',
  status: 'status class',
  method: 'method',
}

const summed = new Set<Metric>(['requests', 'allowed', 'rateLimited', 'unauthorized', 'errors', 'bytesIn', 'bytesOut', 'cost'])

/** Whether parts add up to the whole, so that a stack means something. */
export function stackable(metric: Metric): boolean {
  return summed.has(metric)
}

/** Counts are; percentiles and distinct clients come from sketches. */
export function isExact(metric: Metric): boolean {
  return !['p50', 'p90', 'p99', 'clients'].includes(metric)
}

export function formatOf(metric: Metric): (value: number) => string {
  if (metric === 'p50' || metric === 'p90' || metric === 'p99') return duration
  if (metric === 'limitedShare' || metric === 'errorShare') return (value) => share(value, 100)
  if (metric === 'bytesIn' || metric === 'bytesOut') return bytes
  if (metric === 'clients') return count
  return rate
}

type Point = TimeSeries['series'][number]['points'][number][1]

/** The metric of one step; null where there is nothing to measure (a latency of no request is none, not zero). */
export function valueOf(metric: Metric, point: Point, seconds: number): number | null {
  const requests = point.requests ?? 0
  if (metric === 'limitedShare') return requests === 0 ? null : ((point.rateLimited ?? 0) / requests) * 100
  if (metric === 'errorShare') return requests === 0 ? null : ((point.errors ?? 0) / requests) * 100
  if (metric === 'p50' || metric === 'p90' || metric === 'p99') return requests === 0 ? null : (point[`${metric}Ms`] ?? null)
  if (metric === 'clients') return point.clients ?? null
  return (point[metric] ?? 0) / seconds
}

export interface Line {
  /** What the group is called by the API: "" without a grouping, "other" for those beyond the busiest. */
  group: string
  values: (number | null)[]
  requests: number
  rateLimited: number
  errors: number
  cost: number
  bytesOut: number
}

/** The times of the steps that have something to say: all but one that has only just begun. */
export function timesOf(data: TimeSeries): number[] {
  const to = Date.parse(data.to)
  return (data.series[0]?.points ?? []).map(([time]) => Date.parse(time)).filter((at) => passed(at, to, data.step) !== null)
}

export function linesOf(data: TimeSeries, metric: Metric, by: Dimension): Line[] {
  const times = timesOf(data)
  const to = Date.parse(data.to)
  return data.series.map((series) => {
    const sum = (pick: (point: Point) => number | undefined) => series.points.reduce((total, [, point]) => total + (pick(point) ?? 0), 0)
    return {
      group: series.group.other === 'true' ? 'other' : by === '' ? '' : (series.group[by] ?? 'none'),
      values: times.map((at, i) => valueOf(metric, series.points[i]?.[1] ?? {}, passed(at, to, data.step) ?? data.step)),
      requests: sum((p) => p.requests),
      rateLimited: sum((p) => p.rateLimited),
      errors: sum((p) => p.errors),
      cost: sum((p) => p.cost),
      bytesOut: sum((p) => p.bytesOut),
    }
  })
}
