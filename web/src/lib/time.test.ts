import { describe, expect, it } from 'vitest'
import { ago, aligned, before, passed, formatRange, parseRange, presetMs, recentMonths, stepFor, utcTime } from './time'

const now = Date.parse('2026-12-01T12:00:00Z')

describe('ranges in the URL', () => {
  it('come back as they were written', () => {
    const range = { from: now - 5000, to: now }
    expect(parseRange(formatRange(range), 0)).toEqual(range)
  })

  it('know the presets and refuse the rest', () => {
    expect(parseRange('1h', now)).toEqual({ from: now - 3_600_000, to: now })
    for (const text of ['', '1y', 'a~b', formatRange({ from: now, to: now }), '2026-12-01~']) expect(parseRange(text, now)).toBeNull()
  })

  it('compare with the same length before', () => {
    expect(before({ from: now - 120_000, to: now }, 60)).toEqual({ from: now - 240_000, to: now - 120_000 })
    const range = aligned({ from: now - 100_000, to: now + 10_000 }, 60)
    expect(range).toEqual({ from: now - 120_000, to: now + 10_000 })
    expect(before(range, 60)).toEqual({ from: now - 300_000, to: now - 170_000 })
    expect(presetMs('7d')).toBe(604_800_000)
  })
})

describe('steps', () => {
  it('make at most the points that were asked for', () => {
    for (const ms of [60_000, 300_000, 3_600_000, 86_400_000, 30 * 86_400_000]) {
      const step = stepFor({ from: now - ms, to: now }, 120, now)
      expect(ms / 1000 / step).toBeLessThanOrEqual(120)
    }
  })

  it('ask for seconds only where seconds are kept', () => {
    expect(stepFor({ from: now - 300_000, to: now }, 300, now)).toBe(1)
    expect(stepFor({ from: now - 7_200_000, to: now - 7_100_000 }, 300, now)).toBe(60)
    expect(stepFor({ from: now - 900_000, to: now }, 300, now)).toBe(60)
  })
})

describe('a step that still goes on', () => {
  it('is divided by what has passed of it, and left out while it has only begun', () => {
    expect(passed(now, now + 60_000, 60)).toBe(60)
    expect(passed(now, now + 300_000, 60)).toBe(60)
    expect(passed(now, now + 30_000, 60)).toBe(30)
    expect(passed(now, now + 4_000, 60)).toBeNull()
    expect(passed(now, now + 1_000, 1)).toBe(1)
  })
})

describe('times', () => {
  it('name UTC to the millisecond', () => {
    expect(utcTime('2026-11-30T14:03:07.123Z')).toBe('2026-11-30 14:03:07.123 UTC')
  })

  it('are said from now in both directions', () => {
    expect(ago(now - 1000, now)).toBe('just now')
    expect(ago(now - 90_000, now)).toBe('90 s ago')
    expect(ago(now + 7_200_000, now)).toBe('in 2 h')
  })

  it('list months over the turn of a year', () => {
    expect(recentMonths(Date.parse('2026-02-28T23:00:00Z'), 3)).toEqual(['2026-02', '2026-01', '2025-12'])
  })
})
