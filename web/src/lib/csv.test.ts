import { describe, expect, it } from 'vitest'
import { csv, csvCell } from './csv'

describe('CSV', () => {
  it('quotes what would break a row', () => {
    expect(csvCell('a,b')).toBe('"a,b"')
    expect(csvCell('say "hi"\n')).toBe('"say ""hi""\n"')
  })

  it('keeps text that looks like a formula from being one', () => {
    for (const text of ['=1+1', '+1', '-1', '@x', '\tx', '\rx']) expect(csvCell(text).replace(/^"/, '')).toMatch(/^'/)
  })

  it('leaves numbers as numbers, negative ones too', () => {
    expect(csvCell(-1.5)).toBe('-1.5')
    expect(csvCell(null)).toBe('')
  })

  it('ends every row the same way', () => {
    expect(csv(['a', 'b'], [[1, 'x']])).toBe('a,b\r\n1,x\r\n')
  })
})
