// The tail as a pure reducer: what came, and what of it is shown.
import type { SseEvent } from '../../api/sse'
import type { LoggedRequest } from '../../api/types'

export interface TailState {
  /** The latest first. */
  rows: LoggedRequest[]
  received: number
  /** What the server left out because this reader was slow. */
  dropped: number
}

export const noTail: TailState = { rows: [], received: 0, dropped: 0 }
const keep = 1000

export function receive(state: TailState, event: SseEvent): TailState {
  try {
    const data = JSON.parse(event.data) as unknown
    if (event.event === 'record') return { ...state, rows: [data as LoggedRequest, ...state.rows.slice(0, keep - 1)], received: state.received + 1 }
    if (event.event === 'dropped') return { ...state, dropped: state.dropped + droppedCount(data) }
  } catch {
    // An event that cannot be read is one that cannot be shown.
  }
  return state
}

function droppedCount(data: unknown): number {
  if (typeof data === 'number') return data
  if (typeof data !== 'object' || data === null) return 0
  const n = Object.values(data).find((value) => typeof value === 'number')
  return typeof n === 'number' ? n : 0
}

/** While paused what is shown stays, except for the count of what was left out. */
export function show(shown: TailState, latest: TailState, paused: boolean): TailState {
  if (!paused) return shown === latest ? shown : latest
  // A new object, so that the count of what waits is written anew.
  return latest.received === shown.received ? shown : { ...shown, dropped: latest.dropped }
}
