import type { Dashboard } from '../../api/types'
import { count } from '../../lib/format'
import { Badge, Card } from '../../ui/bits'
import { Await, Empty } from '../../ui/states'

interface Asked {
  data: Dashboard | undefined
  error: unknown
  refetch: () => unknown
}

/** Where every record is: the proof that the figures on this page leave nothing out. */
export function Conservation({ dashboard }: { dashboard: Asked }) {
  return (
    <Card title="Records" aside={<span className="muted small">exact, since the gateway’s log began</span>}>
      <Await query={dashboard} what="The log’s counters">
        {({ stats }) =>
          stats?.log === undefined ? (
            <Empty inline title="Analytics does not answer">
              The gateway goes on and keeps its records until it does.
            </Empty>
          ) : (
            <Balance log={stats.log} />
          )
        }
      </Await>
    </Card>
  )
}

type Log = NonNullable<NonNullable<Dashboard['stats']>['log']>

const meaning: [keyof Log, string, string][] = [
  ['stored', 'stored', 'On disk with all detail'],
  ['spooled', 'spooled', 'Safe on the gateway, on the way here'],
  ['aggregated', 'aggregated', 'Kept as counts only: there was no room for their detail'],
  ['dropped', 'dropped', 'Lost, and counted'],
]

function Balance({ log }: { log: Log }) {
  const sum = log.stored + log.spooled + log.aggregated + log.dropped
  const off = log.produced - sum
  return (
    <div className="body stack">
      <p className="balance">
        <b>{count(log.produced)}</b> <span className="muted">produced =</span> <b>{count(log.stored)}</b> <span className="muted">stored +</span>{' '}
        <b>{count(log.spooled)}</b> <span className="muted">spooled +</span> <b>{count(log.aggregated)}</b>{' '}
        <span className="muted">aggregated +</span> <b className={log.dropped > 0 ? 'bad' : ''}>{count(log.dropped)}</b>{' '}
        <span className="muted">dropped</span>{' '}
        {off === 0 ? (
          <Badge tone="good" icon="check">
            adds up
          </Badge>
        ) : (
          <Badge icon="clock">{count(Math.abs(off))} being counted</Badge>
        )}
      </p>
      <dl className="facts small">
        {meaning.map(([name, label, text]) => (
          <div key={name} className="contents">
            <dt>{label}</dt>
            <dd className="secondary">{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
