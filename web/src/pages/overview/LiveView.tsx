import { useMemo } from 'react'
import type { Dashboard } from '../../api/types'
import { count, duration, rate, share } from '../../lib/format'
import { lastLatency, lastSeconds, liveSeconds, type LiveSecond, type LiveWindow } from '../../lib/live'
import { Badge, Card } from '../../ui/bits'
import { KeyName } from '../../ui/names'
import { Loading } from '../../ui/states'
import { OverviewCharts } from './charts'
import type { Column } from './columns'
import { useMarks } from './marks'
import { Tiles } from './Tiles'

/** The last two minutes, moving. */
export function LiveView({ window, dashboard }: { window: LiveWindow; dashboard: Dashboard | undefined }) {
  const columns = useMemo(() => toColumns(window), [window])
  const marks = useMarks('live', () => ({ from: Date.now() - liveSeconds * 1000, to: Date.now() }), 5000)
  if (window.seconds.length === 0) return <Loading rows={5} label="Waiting for the first second" />
  const recent = lastSeconds(window, 10)
  const latency = lastLatency(window, 10)
  const perSecond = recent.seen === 0 ? 0 : recent.requests / recent.seen
  return (
    <>
      <Tiles
        tiles={[
          { name: 'Requests a second', value: rate(perSecond), note: 'last 10 s' },
          {
            name: 'Refused by limits',
            value: share(recent.rateLimited, recent.requests),
            exact: `${count(recent.rateLimited)} of ${count(recent.requests)}`,
            note: 'last 10 s',
          },
          {
            name: 'Errors',
            value: share(recent.errors, recent.requests),
            exact: `${count(recent.errors)} of ${count(recent.requests)}`,
            note: 'last 10 s',
            tone: recent.errors > recent.requests / 20 ? 'bad' : undefined,
          },
          { name: 'p50', value: latency === null ? '–' : `± ${duration(latency.p50)}` },
          { name: 'p95', value: latency === null ? '–' : `± ${duration(latency.p95)}` },
          { name: 'p99', value: latency === null ? '–' : `± ${duration(latency.p99)}` },
          { name: 'Requests in all', value: dashboard?.stats ? count(dashboard.stats.totalRequests) : '–', note: 'exact, since the log began' },
        ]}
      />
      <OverviewCharts columns={columns} high="p95" marks={marks} latencyError={0.011} />
      <Movers second={window.seconds.at(-1) ?? null} />
    </>
  )
}

function toColumns(window: LiveWindow): Column[] {
  const missing = liveSeconds - window.seconds.length
  const first = window.start - missing * 1000
  return Array.from({ length: liveSeconds }, (_, i) => {
    const second = i < missing ? null : (window.seconds[i - missing] ?? null)
    return {
      at: first + i * 1000,
      counts: second,
      seconds: 1,
      latency: second === null || second.requests === 0 ? null : { p50: second.latencyMs.p50, high: second.latencyMs.p95, p99: second.latencyMs.p99 },
    }
  })
}

/** Who changed the traffic in the last second. */
function Movers({ second }: { second: LiveSecond | null }) {
  const movers = second?.movers.slice(0, 6) ?? []
  if (movers.length === 0) return null
  return (
    <Card title="Moving right now">
      <ul className="body row wrap movers">
        {movers.map((mover) => (
          <li key={`${mover.kind} ${mover.name}`} className="row">
            <Badge>{mover.kind}</Badge>
            {mover.kind === 'key' ? <KeyName id={mover.name} /> : <span>{mover.name}</span>}
            <span className="muted">
              {rate(mover.before)} → <b>{rate(mover.requests)}</b> a second
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
