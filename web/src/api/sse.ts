// Server-sent events over fetch. EventSource would do but for two things: it tells nothing about a 401, and it gives up after one.

export interface SseEvent {
  id: string
  event: string
  data: string
}

/** Splits a stream of text, cut anywhere, into events (the WHATWG's rules, less `retry`). */
export class SseParser {
  private pending = ''
  private id = ''
  private event = ''
  private data: string[] = []

  push(text: string): SseEvent[] {
    const events: SseEvent[] = []
    this.pending += text
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.pending)
      if (end === null) return events
      const line = this.pending.slice(0, end.index)
      this.pending = this.pending.slice(end.index + end[0].length)
      const event = this.line(line)
      if (event !== null) events.push(event)
    }
  }

  private line(line: string): SseEvent | null {
    if (line === '') return this.dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return null
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.data.push(value)
    else if (field === 'event') this.event = value
    else if (field === 'id' && !value.includes('\0')) this.id = value
    return null
  }

  private dispatch(): SseEvent | null {
    const event = this.data.length === 0 ? null : { id: this.id, event: this.event === '' ? 'message' : this.event, data: this.data.join('\n') }
    this.event = ''
    this.data = []
    return event
  }
}

export type StreamState = 'connecting' | 'open' | 'retrying' | 'refused'

export interface StreamOptions {
  url: string
  onEvent: (event: SseEvent) => void
  onState: (state: StreamState, status?: number) => void
}

/** Before the n-th try again, in milliseconds: at once at first, 10 s at most, spread so that a restarted server is not met by all at once. */
export function retryDelay(attempt: number, random: number): number {
  const most = Math.min(10_000, 500 * 2 ** attempt)
  return most / 2 + (most / 2) * random
}

/**
 * Reads a stream until the returned function is called; comes back with Last-Event-ID after an interruption. While the page is hidden the
 * connection is closed (a browser has six to one origin, and a tab that nobody sees needs none) and resumed when it is seen again.
 */
export function openStream(options: StreamOptions): () => void {
  let lastId = ''
  let closed = false
  let attempt = 0
  let request: AbortController | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const again = () => {
    if (closed || document.hidden) return
    options.onState('retrying')
    timer = setTimeout(connect, retryDelay(attempt, Math.random()))
    attempt += 1
  }

  const connect = () => {
    if (request !== null) return
    const mine = new AbortController()
    request = mine
    if (attempt === 0) options.onState('connecting')
    read(options, lastId, mine.signal, {
      open: () => (attempt = 0),
      id: (id) => (lastId = id),
    })
      .then((refused) => {
        request = null
        if (refused) closed = true
        else if (!mine.signal.aborted) again()
      })
      .catch(() => {
        request = null
        if (!mine.signal.aborted) again()
      })
  }

  const seen = () => {
    clearTimeout(timer)
    request?.abort()
    request = null
    if (!document.hidden && !closed) connect()
  }
  document.addEventListener('visibilitychange', seen)
  window.addEventListener('online', seen)
  if (!document.hidden) connect()

  return () => {
    closed = true
    clearTimeout(timer)
    request?.abort()
    document.removeEventListener('visibilitychange', seen)
    window.removeEventListener('online', seen)
  }
}

/** One connection to its end. True: the server refused in a way that asking again will not change. */
async function read(
  options: StreamOptions,
  lastId: string,
  signal: AbortSignal,
  on: { open: () => void; id: (id: string) => void },
): Promise<boolean> {
  const headers: Record<string, string> = { Accept: 'text/event-stream' }
  if (lastId !== '') headers['Last-Event-ID'] = lastId
  const response = await fetch(options.url, { headers, signal, cache: 'no-store' })
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    const lasting = response.status >= 400 && response.status < 500 && response.status !== 429
    if (lasting) options.onState('refused', response.status)
    return lasting
  }
  on.open()
  options.onState('open')
  const parser = new SseParser()
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return false
    for (const event of parser.push(value)) {
      if (event.id !== '') on.id(event.id)
      options.onEvent(event)
    }
  }
}
