import { describe, expect, it } from 'vitest'
import { levelNow, limitDetails, limitInWords, limitProblems, refillInWords } from './limits'

const free = { tokensPerWindow: 100, refillRate: 10, maxBurst: 100 }

describe('a limit in words', () => {
  it('says the burst, then the rate', () => {
    expect(limitInWords(free)).toBe('100 at once, then 10 a second')
    expect(limitInWords({ tokensPerWindow: 1, refillRate: 1, maxBurst: 1 })).toBe('One at a time, 1 a second')
  })

  it('takes the period in which the number is round', () => {
    expect(refillInWords(0.016667)).toBe('1 a minute')
    expect(refillInWords(0.5)).toBe('30 a minute')
    expect(refillInWords(100 / 3600)).toBe('100 an hour')
    expect(refillInWords(2.5)).toBe('150 a minute')
    expect(refillInWords(1000 / 86400)).toBe('1,000 a day')
  })

  it('falls back to what it can say without being wrong', () => {
    expect(refillInWords(0.000001)).toBe('1 every 11 d 13 h')
    expect(refillInWords(3.1234567)).toBe('3.123 a second')
  })

  it('never promises more in a minute than burst and refill give', () => {
    for (const bucket of [free, { tokensPerWindow: 5, refillRate: 0.3, maxBurst: 7 }]) {
      const most = Number(/At most ([\d,]+) in/.exec(limitDetails(bucket).join(' '))?.[1]?.replaceAll(',', ''))
      expect(most).toBeLessThanOrEqual(bucket.maxBurst + bucket.refillRate * 60)
    }
  })

  it('mentions the first filling only when it is smaller', () => {
    expect(limitDetails(free).join(' ')).not.toContain('starts with')
    expect(limitDetails({ ...free, tokensPerWindow: 10 }).join(' ')).toContain('starts with 10')
  })
})

describe('numbers that were typed', () => {
  it('are accepted within the bounds of the API', () => {
    expect(limitProblems(free)).toEqual({})
    expect(limitProblems({ tokensPerWindow: 1, refillRate: 0.000001, maxBurst: 1e12 })).toEqual({})
  })

  it('are refused by field outside of them', () => {
    expect(Object.keys(limitProblems({ tokensPerWindow: 0, refillRate: 0, maxBurst: 1.5 })).sort()).toEqual([
      'maxBurst',
      'refillRate',
      'tokensPerWindow',
    ])
    expect(limitProblems({ ...free, refillRate: 0.1234567 }).refillRate).toContain('six decimals')
    expect(limitProblems({ ...free, refillRate: Number.NaN }).refillRate).toBeDefined()
  })
})

describe('a level between two reads', () => {
  it('grows at the refill rate and stops at the burst', () => {
    expect(levelNow({ tokens: 50, atMs: 1000 }, free, 3000)).toBe(70)
    expect(levelNow({ tokens: 50, atMs: 1000 }, free, 60_000)).toBe(100)
    expect(levelNow({ tokens: 50, atMs: 1000 }, free, 0)).toBe(50)
  })
})
