import { describe, expect, it } from 'vitest'
import { retryDelay, SseParser, type SseEvent } from './sse'

const stream = ': hello\nretry: 1000\n\nid: a-1\nevent: second\ndata: {"n":1}\n\nid: a-2\r\nevent: second\r\ndata: x\r\ndata: y\r\n\r\ndata: last\n\n'

function parse(pieces: string[]): SseEvent[] {
  const parser = new SseParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

describe('server-sent events', () => {
  it('read the same however the network cuts them', () => {
    const whole = parse([stream])
    expect(whole).toEqual([
      { id: 'a-1', event: 'second', data: '{"n":1}' },
      { id: 'a-2', event: 'second', data: 'x\ny' },
      { id: 'a-2', event: 'message', data: 'last' },
    ])
    for (let cut = 0; cut <= stream.length; cut += 1) expect(parse([stream.slice(0, cut), stream.slice(cut)])).toEqual(whole)
    expect(parse([...stream])).toEqual(whole)
  })

  it('are nothing until they end', () => {
    expect(parse(['data: half\n'])).toEqual([])
  })

  it('are asked for again soon, then less often, and never more than ten seconds later', () => {
    expect(retryDelay(0, 0)).toBe(250)
    for (let attempt = 0; attempt < 50; attempt += 1) expect(retryDelay(attempt, 0.999)).toBeLessThanOrEqual(10_000)
    expect(retryDelay(3, 0)).toBeGreaterThan(retryDelay(1, 0))
  })
})
