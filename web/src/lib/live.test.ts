import { describe, expect, it } from 'vitest'
import { addSecond, lastLatency, lastSeconds, liveSeconds, noLive, type LiveSecond, type LiveWindow } from './live'

const base = Date.parse('2026-12-01T12:00:00Z')

function second(at: number, requests = 1): LiveSecond {
  return {
    time: new Date(base + at * 1000).toISOString(),
    requests,
    allowed: requests,
    rateLimited: 0,
    unauthorized: 0,
    errors: 0,
    cost: 0,
    bytesIn: 0,
    bytesOut: 0,
    outcomes: {},
    latencyMs: { p50: at, p95: at, p99: at },
    movers: [],
  }
}

const from = (...seconds: LiveSecond[]): LiveWindow => seconds.reduce(addSecond, noLive)

describe('the live window', () => {
  it('keeps the last seconds only', () => {
    const window = from(...Array.from({ length: 300 }, (_, i) => second(i)))
    expect(window.seconds).toHaveLength(liveSeconds)
    expect(window.start).toBe(base + (300 - liveSeconds) * 1000)
  })

  it('counts a second once when a resumed stream repeats it', () => {
    const window = from(second(0), second(1), second(1), second(0), second(2))
    expect(lastSeconds(window, 10)).toMatchObject({ seen: 3, requests: 3 })
  })

  it('shows what was missed as a gap, not as nothing happening', () => {
    const window = from(second(0), second(3))
    expect(window.seconds.map((s) => s === null)).toEqual([false, true, true, false])
    expect(lastSeconds(window, 4).seen).toBe(2)
  })

  it('drops what is older than the window and starts anew after a long break', () => {
    expect(from(second(10), second(5)).seconds).toHaveLength(1)
    expect(from(second(0), second(1000)).seconds).toHaveLength(1)
  })

  it('has no latency where there was no request', () => {
    expect(lastLatency(from(second(1, 5), second(2, 0)), 5)).toEqual({ p50: 1, p95: 1, p99: 1 })
    expect(lastLatency(from(second(1, 0)), 5)).toBeNull()
  })

  it('does not change the window it was given', () => {
    const before = from(second(0))
    addSecond(before, second(1))
    expect(before.seconds).toHaveLength(1)
  })
})
