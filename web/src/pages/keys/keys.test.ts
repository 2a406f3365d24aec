import { describe, expect, it } from 'vitest'
import { phaseOf } from './keysQuery'

const now = Date.parse('2026-12-01T00:00:00Z')
const at = (days: number) => new Date(now + days * 86_400_000).toISOString()

describe('what a key is right now', () => {
  it('is disabled before anything else', () => {
    expect(phaseOf({ status: 'disabled', expiresAt: at(-1) }, now)).toBe('disabled')
  })
  it('is expired from its very time on', () => {
    expect(phaseOf({ status: 'active', expiresAt: at(0) }, now)).toBe('expired')
    expect(phaseOf({ status: 'active', expiresAt: at(1) }, now)).toBe('expiring')
    expect(phaseOf({ status: 'active', expiresAt: at(8) }, now)).toBe('active')
    expect(phaseOf({ status: 'active', expiresAt: null }, now)).toBe('active')
  })
})
