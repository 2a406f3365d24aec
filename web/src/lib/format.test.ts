import { describe, expect, it } from 'vitest'
import { bytes, change, count, duration, plural, rate, share, short, span } from './format'

describe('figures', () => {
  it('writes counts exactly', () => {
    expect(count(1234567)).toBe('1,234,567')
    expect(count(0)).toBe('0')
  })

  it('shortens only from ten thousand, and never rounds to a thousand of a unit', () => {
    expect(short(9999)).toBe('9,999')
    expect(short(12_345)).toBe('12.3k')
    expect(short(999_999)).toBe('1M')
    expect(short(1_234_567)).toBe('1.23M')
    expect(short(0.25)).toBe('0.25')
    expect(short(Number.NaN)).toBe('–')
  })

  it('never shows a part that is there as nothing, nor one that is not all as all', () => {
    expect(share(1, 1_000_000)).toBe('< 0.1 %')
    expect(share(999_999, 1_000_000)).toBe('> 99.9 %')
    expect(share(0, 10)).toBe('0 %')
    expect(share(10, 10)).toBe('100 %')
    expect(share(0, 0)).toBe('–')
  })

  it('picks the unit of a duration after rounding', () => {
    expect(duration(0.0428)).toBe('42.8 µs')
    expect(duration(0.9996)).toBe('1 ms')
    expect(duration(999.6)).toBe('1 s')
    expect(duration(12.345)).toBe('12.3 ms')
    expect(duration(120_000)).toBe('2 min')
  })

  it('says spans in two units at most', () => {
    expect(span(45)).toBe('45 s')
    expect(span(7500)).toBe('2 h 5 min')
    expect(span(90_000)).toBe('25 h')
    expect(span(356_400)).toBe('4 d 3 h')
  })

  it('counts bytes in powers of 1024', () => {
    expect(bytes(1023)).toBe('1,023 B')
    expect(bytes(1024)).toBe('1 KiB')
    expect(bytes(1024 ** 3 * 1.5)).toBe('1.5 GiB')
  })

  it('compares with before without dividing by nothing', () => {
    expect(change(5, 0)).toBe('new')
    expect(change(0, 0)).toBe('±0 %')
    expect(change(50, 100)).toBe('−50 %')
    expect(change(112, 100)).toBe('+12 %')
  })

  it('keeps small rates readable', () => {
    expect(rate(0.333)).toBe('0.33')
    expect(rate(12.44)).toBe('12.4')
    expect(rate(0)).toBe('0')
  })

  it('says one and many', () => {
    expect(plural(1, 'key')).toBe('1 key')
    expect(plural(1200, 'key')).toBe('1,200 keys')
  })
})
