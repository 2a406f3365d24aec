import { describe, expect, it } from 'vitest'
import { readSaved } from './saved'

describe('saved views', () => {
  it('survive whatever is stored', () => {
    for (const text of [null, '', '{', '{}', '[1,null,{"name":3,"search":""}]']) expect(readSaved(text)).toEqual([])
    expect(readSaved('[{"name":"a","search":"?b"}]')).toEqual([{ name: 'a', search: '?b' }])
  })
})
