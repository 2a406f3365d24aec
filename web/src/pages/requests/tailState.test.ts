import { describe, expect, it } from 'vitest'
import { noTail, receive, show, type TailState } from './tailState'

const record = (n: number) => ({ id: '', event: 'record', data: JSON.stringify({ sequence: n }) })

describe('the tail', () => {
  it('has the latest on top and keeps a thousand', () => {
    let state: TailState = noTail
    for (let i = 0; i < 1500; i += 1) state = receive(state, record(i))
    expect(state.received).toBe(1500)
    expect(state.rows).toHaveLength(1000)
    expect(state.rows[0]?.sequence).toBe(1499)
  })
  it('counts what the server left out', () => {
    const state = receive(receive(noTail, { id: '', event: 'dropped', data: '{"records":7}' }), { id: '', event: 'dropped', data: '3' })
    expect(state.dropped).toBe(10)
  })
  it('is not broken by what it cannot read', () => {
    expect(receive(noTail, { id: '', event: 'record', data: '{' })).toBe(noTail)
    expect(receive(noTail, { id: '', event: 'other', data: '{}' })).toBe(noTail)
  })
  it('stands still while paused', () => {
    const before = receive(noTail, record(1))
    const after = receive(before, record(2))
    expect(show(before, after, true).rows).toBe(before.rows)
    expect(show(before, after, false)).toBe(after)
  })
})
