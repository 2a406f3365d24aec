import { useQuery } from '@tanstack/react-query'
import { latencyQuery, routesQuery, topQuery, upstreamsQuery } from '../../api/queries'
import type { Route } from '../../api/types'
import { Link } from '../../app/router'
import { count, duration, share, short } from '../../lib/format'
import { limitInWords, type Bucket } from '../../lib/limits'
import { Badge, Card, Exactness, PageHead, Time } from '../../ui/bits'
import { RangePicker, useRange } from '../../ui/RangePicker'
import { Await, Empty } from '../../ui/states'
import { UpstreamState } from '../overview/Health'
import { MatchTester } from './MatchTester'
import { TableScroll } from '../../ui/TableScroll'
import './routes.css'

export default function RoutesPage() {
  const range = useRange('1h')
  const everyMs = range.isPreset ? 10_000 : false
  const routes = useQuery(routesQuery())
  const top = useQuery(topQuery(range.text, 'route', 'requests', 200, range.rangeAt, {}, everyMs))
  const latency = useQuery(latencyQuery(range.text, 'route', range.rangeAt, {}, everyMs))
  const counts = new Map((top.data?.data ?? []).map((entry) => [entry.name, entry]))
  const quantiles = new Map((latency.data?.groups ?? []).map((group) => [group.group.route ?? '', group.latencyMs]))
  return (
    <>
      <PageHead title="Routes and upstreams" note="The most specific route wins, wherever it stands in the file.">
        <RangePicker value={range.text} offer={['15m', '1h', '24h', '7d', '30d']} />
      </PageHead>
      <MatchTester />
      <Card
        title="Routes"
        aside={
          <span className="muted small">
            counts exact, percentiles <Exactness exact={false} error={latency.data?.error?.latency} />
          </span>
        }
      >
        <Await query={routes} what="Routes">
          {(data) =>
            data.length === 0 ? (
              <Empty inline title="No routes">
                Every request gets 404. Routes are set in the configuration file.
              </Empty>
            ) : (
              <TableScroll label="Routes">
                <table className="table">
                  <thead>
                    <tr>
                      <th scope="col">Route</th>
                      <th scope="col">Matches</th>
                      <th scope="col">Limits</th>
                      <th scope="col" className="num">
                        Requests
                      </th>
                      <th scope="col" className="num">
                        Limited
                      </th>
                      <th scope="col" className="num">
                        Errors
                      </th>
                      <th scope="col" className="num">
                        p50
                      </th>
                      <th scope="col" className="num">
                        p99
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {data.map((route) => {
                      const entry = counts.get(route.name)
                      const latencies = quantiles.get(route.name)
                      return (
                        <tr key={route.name} id={route.name}>
                          <td>
                            <Link className="strong" to={`/requests?route=${encodeURIComponent(route.name)}`}>
                              {route.name}
                            </Link>
                            <div className="muted small">{route.upstreams.map((url) => url.replace('http://', '')).join(', ')}</div>
                          </td>
                          <td>
                            <Matches route={route} />
                          </td>
                          <td className="small nowrap">{limitsOf(route)}</td>
                          <td className="num" title={count(entry?.requests ?? 0)}>
                            {short(entry?.requests ?? 0)}
                          </td>
                          <td className="num">{share(entry?.rateLimited ?? 0, entry?.requests ?? 0)}</td>
                          <td className="num">{share(entry?.errors ?? 0, entry?.requests ?? 0)}</td>
                          <td className="num">{latencies === undefined ? '–' : duration(latencies[0] ?? 0)}</td>
                          <td className="num">{latencies === undefined ? '–' : duration(latencies[2] ?? 0)}</td>
                        </tr>
                      )
                    })}
                  </tbody>
                </table>
              </TableScroll>
            )
          }
        </Await>
      </Card>
      <Upstreams />
    </>
  )
}

export function Matches({ route }: { route: Route }) {
  const any = route.methods.length >= 7
  return (
    <span className="row wrap">
      <code>{route.path}</code>
      {any ? null : route.methods.map((method) => <Badge key={method}>{method}</Badge>)}
      {route.hosts.map((host) => (
        <Badge key={host}>{host}</Badge>
      ))}
      {route.auth === 'none' ? <Badge icon="info">no key needed</Badge> : null}
      {route.cost === 1 ? null : <Badge>{`costs ${route.cost}`}</Badge>}
    </span>
  )
}

function limitsOf(route: Route) {
  const limits = route.limits as unknown as (Bucket & { name: string })[]
  if (limits.length === 0) return <span className="muted">only the key’s</span>
  return limits.map((limit) => (
    <div key={limit.name}>
      <b>{limit.name}</b> {limitInWords(limit)}
    </div>
  ))
}

function Upstreams() {
  const upstreams = useQuery({ ...upstreamsQuery(), retry: false, refetchInterval: (query) => (query.state.error === null ? 5000 : false) })
  return (
    <Card title="Upstreams" aside={<span className="muted small">as the gateway sees them</span>}>
      <Await query={upstreams} what="The gateway’s view of its upstreams">
        {(data) =>
          data === null ? (
            <Empty inline title="Not known here">
              The gateway runs apart from this server.
            </Empty>
          ) : data.length === 0 ? (
            <Empty inline title="No upstreams" />
          ) : (
            <TableScroll label="Upstreams">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">Upstream</th>
                    <th scope="col">Routes</th>
                    <th scope="col">State</th>
                    <th scope="col">Last connected</th>
                  </tr>
                </thead>
                <tbody>
                  {data.map((upstream) => (
                    <tr key={upstream.url}>
                      <td className="mono small">{upstream.url}</td>
                      <td className="small">{upstream.routes.join(', ')}</td>
                      <td>
                        <UpstreamState upstream={upstream} />
                      </td>
                      <td>{upstream.lastConnectedAt === null ? '–' : <Time at={upstream.lastConnectedAt} />}</td>
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
