import { useEffect, useRef, useState } from 'react'
import { listeners } from '../../api/client'
import { openStream, type StreamState } from '../../api/sse'
import { plural } from '../../lib/format'
import { query } from '../../lib/url'
import { Button } from '../../ui/Button'
import { Badge } from '../../ui/bits'
import { Icon } from '../../ui/Icon'
import { Empty } from '../../ui/states'
import type { Filter } from './filter'
import { RequestTable } from './RequestTable'
import { noTail, receive, show, type TailState } from './tailState'

/** Requests as they happen, the latest on top. Paused, the list stands still and what comes is counted. */
export function Tail({ filter, openId }: { filter: Filter; openId: string }) {
  const [shown, setShown] = useState<TailState>(noTail)
  const [paused, setPaused] = useState(false)
  const [state, setState] = useState<StreamState>('connecting')
  const waiting = useRef<TailState>(noTail)
  const isPaused = useRef(paused)
  isPaused.current = paused
  const question = query({ ...filter })

  useEffect(() => {
    waiting.current = noTail
    setShown(noTail)
    // Four times a second is as fast as anybody reads; each record by itself would be thousands.
    const timer = setInterval(() => setShown((now) => show(now, waiting.current, isPaused.current)), 250)
    const close = openStream({
      url: `/api/analytics/tail${question}`,
      onEvent: (event) => (waiting.current = receive(waiting.current, event)),
      onState: (next, status) => {
        if (status === 401) listeners.unauthenticated()
        setState(next)
      },
    })
    return () => {
      clearInterval(timer)
      close()
    }
  }, [question])

  const behind = waiting.current.received - shown.received
  return (
    <>
      <div className="filters body">
        <Button size="small" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          <Icon name={paused ? 'play' : 'pause'} size={12} />
          {paused ? 'Go on' : 'Pause'}
        </Button>
        {state === 'open' ? (
          <Badge tone={paused ? 'plain' : 'good'} icon={paused ? 'pause' : 'check'}>
            {paused ? 'Paused' : 'Live'}
          </Badge>
        ) : (
          <Badge tone="warn" icon="clock">
            {state === 'refused' ? 'Refused' : 'Connecting'}
          </Badge>
        )}
        <span className="muted small" aria-live="off">
          {plural(shown.received, 'request')}
          {paused && behind > 0 ? `, ${behind} more since the pause` : ''}
          {shown.dropped > 0 ? `; ${plural(shown.dropped, 'record')} left out because they came too fast (they are in the log)` : ''}
        </span>
      </div>
      {shown.rows.length === 0 ? (
        <Empty inline icon="clock" title="Waiting for a request">
          It appears here as soon as it is recorded.
        </Empty>
      ) : (
        <RequestTable rows={shown.rows} openId={openId} />
      )}
    </>
  )
}
