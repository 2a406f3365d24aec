import { describe, expect, it } from 'vitest'
import { stack } from './plot'

describe('a stack', () => {
  it('adds up from the last to the first and keeps gaps as gaps', () => {
    expect(
      stack([
        [1, null],
        [2, null],
        [3, null],
      ]),
    ).toEqual([
      [6, null],
      [5, null],
      [3, null],
    ])
  })
  it('of nothing is nothing', () => {
    expect(stack([])).toEqual([])
  })
})
