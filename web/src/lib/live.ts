// The live stream's seconds as a window that charts read. A pure reducer: the same events in any batches give the same window.
import type { components } from '../api/schema'

export type LiveSecond = components['schemas']['LiveSecond']

export interface LiveWindow {
  /** The last seconds, the oldest first, without gaps: a second that the stream left out is null. */
  seconds: (LiveSecond | null)[]
  /** Milliseconds since 1970 of the first of them. */
  start: number
}

export const liveSeconds = 120
export const noLive: LiveWindow = { seconds: [], start: 0 }

/** Adds a second. One that is there already replaces it (a resumed stream may repeat); one before the window is dropped. */
export function addSecond(window: LiveWindow, second: LiveSecond): LiveWindow {
  const time = Date.parse(second.time)
  if (Number.isNaN(time)) return window
  if (window.seconds.length === 0) return { seconds: [second], start: time }
  const at = Math.round((time - window.start) / 1000)
  if (at < 0) return window
  // Back after a long break, or the clock jumped: what was seen belongs to another time.
  if (at >= window.seconds.length + liveSeconds) return { seconds: [second], start: time }
  const seconds = window.seconds.slice()
  while (seconds.length < at) seconds.push(null)
  seconds[at] = second
  const surplus = Math.max(0, seconds.length - liveSeconds)
  return { seconds: seconds.slice(surplus), start: window.start + surplus * 1000 }
}

/** Sums over the last `n` seconds of the window that were seen. */
export function lastSeconds(
  window: LiveWindow,
  n: number,
): { seen: number; requests: number; rateLimited: number; unauthorized: number; errors: number } {
  const sum = { seen: 0, requests: 0, rateLimited: 0, unauthorized: 0, errors: 0 }
  for (const second of window.seconds.slice(-n)) {
    if (second === null) continue
    sum.seen += 1
    sum.requests += second.requests
    sum.rateLimited += second.rateLimited
    sum.unauthorized += second.unauthorized
    sum.errors += second.errors
  }
  return sum
}

/** The latest second that had requests within the last `n`: latencies of a quiet second are not zero, they are none. */
export function lastLatency(window: LiveWindow, n: number): LiveSecond['latencyMs'] | null {
  for (const second of window.seconds.slice(-n).reverse()) if (second !== null && second.requests > 0) return second.latencyMs
  return null
}
