import type { TimeSeries } from '../../api/types'
import type { Counts } from '../../lib/outcome'
import { passed } from '../../lib/time'

/** One step of time, whether it came live or from a series. */
export interface Column {
  at: number
  /** Null: not known. */
  counts: Counts | null
  seconds: number
  latency: { p50: number; high: number; p99: number } | null
}

export function toColumns(data: TimeSeries | undefined): Column[] {
  const step = data?.step ?? 60
  const to = data === undefined ? 0 : Date.parse(data.to)
  return (data?.series[0]?.points ?? []).flatMap(([time, p]) => {
    const at = Date.parse(time)
    const seconds = passed(at, to, step)
    if (seconds === null) return []
    const counts = {
      requests: p.requests ?? 0,
      allowed: p.allowed ?? 0,
      rateLimited: p.rateLimited ?? 0,
      unauthorized: p.unauthorized ?? 0,
      errors: p.errors ?? 0,
    }
    return [{ at, counts, seconds, latency: counts.requests === 0 ? null : { p50: p.p50Ms ?? 0, high: p.p90Ms ?? 0, p99: p.p99Ms ?? 0 } }]
  })
}
