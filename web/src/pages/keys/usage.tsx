import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { get } from '../../api/client'
import { latencyQuery, seriesQuery } from '../../api/queries'
import type { RequestPage } from '../../api/types'
import { Link } from '../../app/router'
import { count, duration, plural, rate, share } from '../../lib/format'
import { outcomeName, parts } from '../../lib/outcome'
import { aligned, stepFor, type Range } from '../../lib/time'
import { query } from '../../lib/url'
import { Bar, Card, Exactness, OutcomeBadge, StatusCode, Time } from '../../ui/bits'
import { Chart } from '../../ui/Chart'
import { RangePicker, useRange } from '../../ui/RangePicker'
import { Await, Empty } from '../../ui/states'
import { toColumns } from '../overview/columns'
import { TableScroll } from '../../ui/TableScroll'

function stepsOf(range: Range, now: number): { range: Range; step: number } {
  const step = stepFor(range, 200, now)
  return { range: aligned(range, step), step }
}

const offered = ['15m', '1h', '24h', '7d', '30d'] as const

export function KeyUsage({ id }: { id: string }) {
  const range = useRange('1h')
  const everyMs = range.isPreset ? 5000 : false
  const series = useQuery(seriesQuery(`key ${id} ${range.text}`, (now) => ({ ...stepsOf(range.rangeAt(now), now), key: id }), everyMs))
  const latency = useQuery(latencyQuery(range.text, '', range.rangeAt, { key: id }, everyMs))
  const columns = useMemo(() => toColumns(series.data), [series.data])
  return (
    <Card
      title="Usage"
      aside={
        <span className="row wrap">
          <RangePicker value={range.text} offer={offered} />
          <Exactness exact />
        </span>
      }
    >
      <Await query={series} what="Usage">
        {() => {
          const split = columns.map((c) => (c.counts === null ? null : parts(c.counts)))
          const total = columns.reduce((sum, c) => sum + (c.counts?.requests ?? 0), 0)
          const limited = columns.reduce((sum, c) => sum + (c.counts?.rateLimited ?? 0), 0)
          const quantiles = latency.data?.groups[0]?.latencyMs
          const of = (name: 'ok' | 'limited' | 'failed') => columns.map((c, i) => (split[i] == null ? null : (split[i]?.[name] ?? 0) / c.seconds))
          return (
            <div className="body stack">
              <Chart
                label="Requests a second with this key"
                times={columns.map((c) => c.at)}
                stacked
                series={[
                  { name: outcomeName.failed, color: '--failed', values: of('failed'), dash: [2, 2] },
                  { name: outcomeName.limited, color: '--limited', values: of('limited'), dash: [7, 3] },
                  { name: outcomeName.ok, color: '--ok', values: of('ok') },
                ]}
                format={rate}
                height={190}
                atLeast={0.1}
                onZoom={range.zoom}
              />
              <p className="secondary">
                <b>{plural(total, 'request')}</b>, {count(limited)} limited ({share(limited, total)})
                {quantiles === undefined || total === 0
                  ? '.'
                  : `; ± ${duration(quantiles[0] ?? 0)} p50, ${duration(quantiles[1] ?? 0)} p95, ${duration(quantiles[2] ?? 0)} p99.`}
              </p>
            </div>
          )
        }}
      </Await>
    </Card>
  )
}

const latestRequests = (id: string, outcome: string, limit: number) => ({
  queryKey: ['requests', 'of key', id, outcome, limit],
  queryFn: ({ signal }: { signal: AbortSignal }) => get<RequestPage>(`/api/analytics/requests${query({ key: id, outcome, limit })}`, signal),
  refetchInterval: 5000,
})

/** Which limit refuses it: of its latest refusals, counted one by one. */
export function RefusalsByLimit({ id }: { id: string }) {
  const page = useQuery(latestRequests(id, 'limited', 500))
  return (
    <Card
      title="Refusals by limit"
      aside={page.data === undefined ? null : <span className="muted small">of the last {plural(page.data.data.length, 'refusal')}</span>}
    >
      <Await query={page} what="Refusals">
        {({ data }) => {
          const counts = new Map<string, number>()
          for (const request of data) counts.set(request.refusedBy ?? 'not recorded', (counts.get(request.refusedBy ?? 'not recorded') ?? 0) + 1)
          if (counts.size === 0) return <Empty inline icon="check" title="It was never refused by a limit" />
          return (
            <ul className="body stack tight">
              {[...counts]
                .sort((a, b) => b[1] - a[1])
                .map(([name, n]) => (
                  <li key={name} className="refusal">
                    <span>{name}</span>
                    <Bar part={n} of={data.length} color="var(--limited)" />
                    <span className="num">{count(n)}</span>
                  </li>
                ))}
            </ul>
          )
        }}
      </Await>
    </Card>
  )
}

export function RecentRequests({ id }: { id: string }) {
  const page = useQuery(latestRequests(id, '', 12))
  return (
    <Card
      title="Latest requests"
      aside={
        <Link className="small" to={`/requests?key=${encodeURIComponent(id)}`}>
          All of them
        </Link>
      }
    >
      <Await query={page} what="Requests">
        {({ data }) =>
          data.length === 0 ? (
            <Empty inline title="Not used yet">
              Requests with this key appear here within a second.
            </Empty>
          ) : (
            <TableScroll label="Latest requests">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">Time</th>
                    <th scope="col">Request</th>
                    <th scope="col">Status</th>
                    <th scope="col">Outcome</th>
                    <th scope="col" className="num">
                      Latency
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {data.map((request) => (
                    <tr key={`${request.ring} ${request.sequence}`}>
                      <td>
                        <Time at={request.time} />
                      </td>
                      <td className="nowrap">
                        <Link
                          to={`/requests?key=${encodeURIComponent(id)}&id=${request.id}`}
                          aria-label={`${request.method} ${request.route ?? 'no route'}: why`}
                        >
                          {request.method} {request.route ?? '–'}
                        </Link>
                      </td>
                      <td>
                        <StatusCode status={request.status} />
                      </td>
                      <td>
                        <OutcomeBadge outcome={request.outcome} />
                      </td>
                      <td className="num">{duration(request.latencyMs)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableScroll>
          )
        }
      </Await>
    </Card>
  )
}
