import { describe, expect, it } from 'vitest'
import { matchPath, query, withParams } from './url'

describe('filters in the URL', () => {
  it('are the same link however they were reached', () => {
    expect(withParams(withParams('', { b: '2' }), { a: '1' })).toBe(withParams(withParams('', { a: '1' }), { b: '2' }))
  })

  it('vanish when they are empty', () => {
    expect(withParams('?a=1&b=2', { a: null, b: '' })).toBe('')
  })

  it('carry any text', () => {
    const name = '"><script>&=?#é\u202e'
    expect(new URLSearchParams(withParams('', { q: name })).get('q')).toBe(name)
    expect(new URLSearchParams(query({ q: name, n: 0, none: null })).get('q')).toBe(name)
    expect(query({ n: 0, none: null })).toBe('?n=0')
  })
})

describe('paths', () => {
  it('match by segment', () => {
    expect(matchPath('/keys/:id', '/keys/a%20b')).toEqual({ id: 'a b' })
    expect(matchPath('/keys', '/keys/')).toEqual({})
    expect(matchPath('/', '/')).toEqual({})
    for (const path of ['/keys', '/keys//', '/keys/a/b', '/keys/%E0%A4%A']) expect(matchPath('/keys/:id', path)).toBeNull()
  })
})
