import { useQuery } from '@tanstack/react-query'
import { upstreamsQuery } from '../../api/queries'
import type { Dashboard, Upstream } from '../../api/types'
import { duration } from '../../lib/format'
import { Badge, Card } from '../../ui/bits'
import { Await, Notice } from '../../ui/states'
import { TableScroll } from '../../ui/TableScroll'

interface Asked {
  data: Dashboard | undefined
  error: unknown
  refetch: () => unknown
}

/** The services, the upstreams as the gateway sees them, and whether anything is degraded. */
export function Health({ dashboard }: { dashboard: Asked }) {
  const upstreams = useQuery({ ...upstreamsQuery(), retry: false, refetchInterval: (query) => (query.state.error === null ? 5000 : false) })
  return (
    <Card title="Health" aside={dashboard.data === undefined ? null : <Mode degraded={dashboard.data.degraded} />}>
      <Await query={dashboard} what="Health">
        {(data) => (
          <>
            {data.degraded.length === 0 ? null : (
              <div className="body">
                <Notice tone="warn">
                  Degraded: {data.degraded.join(', ')}. Requests go on; figures of these are missing until they answer again.
                </Notice>
              </div>
            )}
            <TableScroll label="Services and upstreams">
              <table className="table">
                <caption className="visually-hidden">Services and upstreams</caption>
                <thead>
                  <tr>
                    <th scope="col">Service</th>
                    <th scope="col">State</th>
                    <th scope="col" className="num">
                      Answers in
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {data.services.map((service) => (
                    <tr key={service.name}>
                      <td>
                        {service.name} <span className="muted small wide-only">{service.url}</span>
                      </td>
                      <td>
                        <ServiceState status={service.status} />
                      </td>
                      <td className="num">{service.status === 'down' ? '–' : duration(service.latencyMs)}</td>
                    </tr>
                  ))}
                  {(upstreams.data ?? []).map((upstream) => (
                    <tr key={`upstream ${upstream.url}`}>
                      <td>
                        upstream <span className="muted small">{upstream.url}</span>
                      </td>
                      <td>
                        <UpstreamState upstream={upstream} />
                      </td>
                      <td className="num muted">–</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableScroll>
          </>
        )}
      </Await>
    </Card>
  )
}

function Mode({ degraded }: { degraded: string[] }) {
  return degraded.length === 0 ? (
    <Badge tone="good" icon="check">
      Normal
    </Badge>
  ) : (
    <Badge tone="warn" icon="warn">
      Degraded
    </Badge>
  )
}

export function ServiceState({ status }: { status: Dashboard['services'][number]['status'] }) {
  if (status === 'up')
    return (
      <Badge tone="good" icon="check">
        Up
      </Badge>
    )
  if (status === 'unhealthy')
    return (
      <Badge tone="warn" icon="warn">
        Not ready
      </Badge>
    )
  return (
    <Badge tone="bad" icon="stop">
      Down
    </Badge>
  )
}

export function UpstreamState({ upstream }: { upstream: Upstream }) {
  if (upstream.healthy === null) return <Badge>Not tried yet</Badge>
  if (upstream.healthy)
    return (
      <Badge tone="good" icon="check">
        Up
      </Badge>
    )
  return (
    <Badge tone="bad" icon="warn">
      Down
    </Badge>
  )
}
