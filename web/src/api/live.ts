// The live stream as a hook. One connection per page that watches; the window is in lib/live.ts.
import { useEffect, useReducer, useState } from 'react'
import { addSecond, noLive, type LiveSecond, type LiveWindow } from '../lib/live'
import { listeners } from './client'
import { openStream, type StreamState } from './sse'

export function useLive(on: boolean): { window: LiveWindow; state: StreamState } {
  const [window, add] = useReducer(addSecond, noLive)
  const [state, setState] = useState<StreamState>('connecting')
  useEffect(() => {
    if (!on) return
    return openStream({
      url: '/api/analytics/live?history=120',
      onEvent: (event) => {
        if (event.event !== 'second') return
        const second = parseSecond(event.data)
        if (second !== null) add(second)
      },
      onState: (next, status) => {
        if (status === 401) listeners.unauthenticated()
        if (next === 'open') listeners.reached(true)
        if (next === 'retrying') listeners.reached(false)
        setState(next)
      },
    })
  }, [on])
  return { window, state }
}

function parseSecond(text: string): LiveSecond | null {
  try {
    return JSON.parse(text) as LiveSecond
  } catch {
    return null
  }
}
