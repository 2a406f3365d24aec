import { describe, expect, it } from 'vitest'
import type { Key } from '../../api/types'
import { keyPatch, localInput, type KeyForm } from './keyForm'

const base: Key = {
  id: 'a',
  name: 'App',
  prefix: 'tg_live',
  last4: 'abcd',
  tier: 'free',
  consumer: null,
  status: 'active',
  limitSource: 'tier',
  tokensPerWindow: 100,
  refillRate: 10,
  maxBurst: 100,
  expiresAt: '2026-12-24T10:20:30.456Z',
  createdAt: '',
  updatedAt: '',
  revision: 1,
  oldSecretValidUntil: null,
}
const same: KeyForm = { name: 'App', consumer: '', tier: 'free', expires: localInput(base.expiresAt), own: null }

describe('the change of a key', () => {
  it('is nothing when nothing was changed, though the form holds less than milliseconds', () => {
    expect(keyPatch(base, same)).toEqual({})
  })
  it('names only what differs', () => {
    expect(keyPatch(base, { ...same, name: ' New ' })).toEqual({ name: 'New' })
    expect(keyPatch(base, { ...same, consumer: 'Acme', expires: '' })).toEqual({ consumer: 'Acme', expiresAt: null })
  })
  it('gives up limits of its own with nulls, and takes up all three at once', () => {
    expect(keyPatch({ ...base, limitSource: 'key' }, same)).toEqual({ tokensPerWindow: null, refillRate: null, maxBurst: null })
    expect(keyPatch(base, { ...same, own: { tokensPerWindow: '100', refillRate: '5', maxBurst: '100' } })).toEqual({
      tokensPerWindow: 100,
      refillRate: 5,
      maxBurst: 100,
    })
    expect(keyPatch({ ...base, limitSource: 'key' }, { ...same, own: { tokensPerWindow: '100', refillRate: '5', maxBurst: '100' } })).toEqual({
      refillRate: 5,
    })
  })
})
