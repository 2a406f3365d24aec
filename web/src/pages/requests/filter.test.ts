import { describe as group, expect, it } from 'vitest'
import { describe, isEmpty, readFilter } from './filter'

group('the filters of the log', () => {
  it('are read from the URL and nothing else is', () => {
    const filter = readFilter('?outcome=limited&method=GET&range=1h&x=y')
    expect(filter).toMatchObject({ outcome: 'limited', method: 'GET', key: '' })
    expect('range' in filter).toBe(false)
    expect(isEmpty(readFilter('?range=1h'))).toBe(true)
  })
  it('are said in words', () => {
    expect(describe(readFilter('?outcome=limited&client=10.0.0.1'))).toBe('limited, client 10.0.0.1')
  })
})
