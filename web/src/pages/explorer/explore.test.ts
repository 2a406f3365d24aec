import { describe, expect, it } from 'vitest'
import type { TimeSeries } from '../../api/types'
import { isExact, linesOf, metrics, stackable, valueOf } from './explore'

const point = {
  requests: 10,
  allowed: 6,
  rateLimited: 4,
  unauthorized: 0,
  errors: 2,
  bytesIn: 0,
  bytesOut: 600,
  cost: 10,
  p50Ms: 1,
  p90Ms: 2,
  p99Ms: 3,
}
const quiet = { ...point, requests: 0, allowed: 0, rateLimited: 0, errors: 0, bytesOut: 0, cost: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0 }

describe('a metric of one step', () => {
  it('is a rate for what is counted, and a share for what is part of it', () => {
    expect(valueOf('requests', point, 60)).toBeCloseTo(10 / 60)
    expect(valueOf('limitedShare', point, 60)).toBe(40)
    expect(valueOf('p99', point, 60)).toBe(3)
  })
  it('is nothing, not zero, where no request was', () => {
    expect(valueOf('p99', quiet, 60)).toBeNull()
    expect(valueOf('errorShare', quiet, 60)).toBeNull()
    expect(valueOf('requests', quiet, 60)).toBe(0)
    expect(valueOf('clients', quiet, 60)).toBeNull()
  })
  it('is never stacked or called exact when it does not add up', () => {
    for (const metric of metrics) if (!isExact(metric) || metric.endsWith('Share')) expect(stackable(metric)).toBe(false)
  })
})

describe('lines', () => {
  it('keep those beyond the busiest as one group', () => {
    const data: TimeSeries = {
      from: '2026-12-01T00:00:00Z',
      to: '2026-12-01T00:01:00Z',
      exact: false,
      step: 60,
      series: [
        { group: { key: 'a' }, points: [['2026-12-01T00:00:00Z', point]] },
        { group: { other: 'true' }, points: [['2026-12-01T00:00:00Z', point]] },
      ],
    }
    expect(linesOf(data, 'requests', 'key').map((line) => line.group)).toEqual(['a', 'other'])
    expect(linesOf(data, 'requests', 'key')[0]).toMatchObject({ requests: 10, rateLimited: 4, bytesOut: 600 })
  })
})
