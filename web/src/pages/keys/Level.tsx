import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { keyStateQuery } from '../../api/queries'
import type { Key } from '../../api/types'
import { count, span } from '../../lib/format'
import { levelNow, limitInWords } from '../../lib/limits'
import { Card } from '../../ui/bits'
import { Await } from '../../ui/states'

/** The bucket's level: read each second, and moved at the refill rate in between. */
export function Level({ of }: { of: Key }) {
  const state = useQuery(keyStateQuery(of.id))
  return (
    <Card title="In its bucket now" aside={<span className="muted small">read each second</span>}>
      <Await query={state} what="The bucket" rows={2}>
        {({ state: bucket, readAt }) => (
          <div className="body stack tight">
            <Moving bucket={bucket} readAt={readAt} />
            <p className="secondary">{limitInWords(bucket)}</p>
            <p className="muted small">{bucket.fullInMs === 0 ? 'Full.' : `Full again in ${span(bucket.fullInMs / 1000)} if nobody asks.`}</p>
          </div>
        )}
      </Await>
    </Card>
  )
}

interface Read {
  tokens: number
  tokensPerWindow: number
  refillRate: number
  maxBurst: number
}

/** Written straight to the page, frame by frame: sixty renders a second would be sixty too many. */
function Moving({ bucket, readAt }: { bucket: Read; readAt: number }) {
  const fill = useRef<HTMLDivElement>(null)
  const figure = useRef<HTMLElement>(null)
  const latest = useRef({ bucket, readAt })
  latest.current = { bucket, readAt }
  useEffect(() => {
    let frame = 0
    const draw = () => {
      const { bucket: b, readAt: at } = latest.current
      const level = levelNow({ tokens: b.tokens, atMs: at }, b, Date.now())
      if (fill.current !== null) {
        fill.current.style.transform = `scaleX(${level / b.maxBurst})`
        fill.current.classList.toggle('low', level < b.maxBurst * 0.15)
      }
      if (figure.current !== null) figure.current.textContent = count(Math.floor(level))
      frame = requestAnimationFrame(draw)
    }
    frame = requestAnimationFrame(draw)
    return () => cancelAnimationFrame(frame)
  }, [])
  return (
    <>
      <div className="level-figures">
        <b ref={figure}>{count(bucket.tokens)}</b>
        <span className="muted">of {count(bucket.maxBurst)} tokens</span>
      </div>
      <div
        className="level-track"
        role="meter"
        aria-label="Tokens in the bucket"
        aria-valuemin={0}
        aria-valuemax={bucket.maxBurst}
        aria-valuenow={bucket.tokens}
      >
        <div ref={fill} className="level-fill" />
      </div>
    </>
  )
}
