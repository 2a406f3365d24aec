import { describe, expect, it } from 'vitest'
import { changesBetween } from './changes'

describe('what a change changed', () => {
  it('is named by path, and nothing else is', () => {
    expect(changesBetween({ a: 1, b: { c: 'x', d: 2 } }, { a: 1, b: { c: 'y', d: 2 } })).toEqual([{ field: 'b.c', before: 'x', after: 'y' }])
  })
  it('covers what was made and what was removed', () => {
    expect(changesBetween(null, { name: 'n' })).toEqual([{ field: 'name', before: '–', after: 'n' }])
    expect(changesBetween({ name: 'n', list: [1] }, null)).toEqual([
      { field: 'list', before: '[1]', after: '–' },
      { field: 'name', before: 'n', after: '–' },
    ])
    expect(changesBetween(null, null)).toEqual([])
  })
})
