import { describe, expect, it } from 'vitest'
import { consequence, reach } from './keysOfTier'

describe('whom a change of a tier touches', () => {
  it('is said before it is saved', () => {
    expect(consequence({ following: 12, own: 3, names: [], total: 15 })).toBe(
      '12 keys follow it: the new numbers are theirs at once; 3 keys have limits of their own and stay as they are.',
    )
    expect(consequence({ following: 1, own: 0, names: [], total: 1 })).toBe('1 key follows it: the new numbers are theirs at once.')
    expect(consequence({ following: 0, own: 0, names: [], total: 0 })).toContain('nothing changes')
  })
  it('does not pass off a part as the whole', () => {
    expect(consequence({ following: 900, own: 100, names: [], total: null })).toMatch(/^Of the first 1,000 keys, 900 keys follow/)
    expect(reach({ following: 900, own: 100, names: [], total: null })).toBe('more than 1,000 keys')
  })
})
