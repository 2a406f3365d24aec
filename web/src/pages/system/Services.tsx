import { useQuery } from '@tanstack/react-query'
import { ApiError, get } from '../../api/client'
import type { System } from '../../api/types'
import { dashboardQuery } from '../../api/queries'
import { bytes, count, duration, plural, share, span } from '../../lib/format'
import { Badge, Bar, Card, Time } from '../../ui/bits'
import { Await, Empty, Failed, Loading } from '../../ui/states'
import { ServiceState } from '../overview/Health'
import { TableScroll } from '../../ui/TableScroll'

export function Services() {
  const dashboard = useQuery(dashboardQuery(2000))
  const system = useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => get<System>('/api/admin/system', signal),
    refetchInterval: (query) => (query.state.error === null ? 10_000 : false),
    retry: false,
  })
  const storage = dashboard.data?.stats as { storage?: { bytes: number; freeBytes: number; maxBytes: number } } | null | undefined
  return (
    <>
      <div className="grid-2">
        <Card
          title="Services"
          aside={
            dashboard.data === undefined ? null : (
              <span className="muted small">
                as of <Time at={dashboard.data.time} />
              </span>
            )
          }
        >
          <Await query={dashboard} what="The services">
            {(data) => (
              <TableScroll label="Services">
                <table className="table">
                  <thead>
                    <tr>
                      <th scope="col">Service</th>
                      <th scope="col">Address</th>
                      <th scope="col">State</th>
                      <th scope="col" className="num">
                        Answers in
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {data.services.map((service) => (
                      <tr key={service.name}>
                        <td>{service.name}</td>
                        <td className="mono small">{service.url}</td>
                        <td>
                          <ServiceState status={service.status} />
                        </td>
                        <td className="num">{service.status === 'down' ? '–' : duration(service.latencyMs)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </TableScroll>
            )}
          </Await>
        </Card>
        <Card title="This process">
          <Await query={dashboard} what="The process">
            {(data) => (
              <dl className="facts body">
                <dt>Version</dt>
                <dd>{system.data?.version ?? '–'}</dd>
                <dt>Running for</dt>
                <dd>{span(data.system.uptimeSeconds)}</dd>
                <dt>Memory</dt>
                <dd>{bytes(data.system.memoryBytes)}</dd>
                <dt>CPU</dt>
                <dd>{data.system.cpu.toFixed(2)} cores busy</dd>
                <dt>Machine</dt>
                <dd>{system.data === undefined ? '–' : `${system.data.node.host}, ${plural(system.data.node.cores, 'core', 'cores')}`}</dd>
                <dt>Event loops</dt>
                <dd>{system.data === undefined ? '–' : count(system.data.node.workers)}</dd>
              </dl>
            )}
          </Await>
        </Card>
        <Card title="Request log" aside={<span className="muted small">exact</span>}>
          <Await query={dashboard} what="The log">
            {({ stats }) =>
              stats === null ? (
                <Empty inline title="Analytics does not answer" />
              ) : (
                <div className="body stack">
                  <dl className="facts">
                    <dt>Produced</dt>
                    <dd>{count(stats.log?.produced ?? 0)}</dd>
                    <dt>Stored</dt>
                    <dd>{count(stats.log?.stored ?? 0)}</dd>
                    <dt>On the way</dt>
                    <dd>{count(stats.log?.spooled ?? 0)}</dd>
                    <dt>As counts only</dt>
                    <dd>{count(stats.log?.aggregated ?? 0)}</dd>
                    <dt>Dropped</dt>
                    <dd>{count(stats.log?.dropped ?? 0)}</dd>
                  </dl>
                </div>
              )
            }
          </Await>
        </Card>
        <Card title="Space">
          {storage?.storage === undefined ? (
            <Empty inline title="Not known here" />
          ) : (
            <div className="body stack">
              <Bar part={storage.storage.bytes} of={storage.storage.maxBytes} />
              <dl className="facts">
                <dt>usage.db</dt>
                <dd>
                  {bytes(storage.storage.bytes)} of at most {bytes(storage.storage.maxBytes)} (
                  {share(storage.storage.bytes, storage.storage.maxBytes)})
                </dd>
                <dt>Reusable in it</dt>
                <dd>{bytes(storage.storage.freeBytes)}</dd>
                {system.data?.disk?.freeBytes === undefined ? null : (
                  <>
                    <dt>Free on disk</dt>
                    <dd>{bytes(system.data.disk.freeBytes)}</dd>
                  </>
                )}
              </dl>
            </div>
          )}
        </Card>
      </div>
      <More system={system} />
    </>
  )
}

function More({ system }: { system: { data: System | undefined; error: unknown } }) {
  if (system.error instanceof ApiError && system.error.status === 404)
    return <p className="muted small">This server says nothing more about stores, disk and certificates.</p>
  if (system.data === undefined) return system.error ? <Failed error={system.error} what="The system’s details" inline /> : <Loading rows={3} />
  const { stores } = system.data
  return (
    <Card title="Stores" aside={<span className="muted small">TLS ends in front: no certificates here</span>}>
      <TableScroll label="Stores">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Store</th>
              <th scope="col">Kind</th>
              <th scope="col">Mode</th>
              <th scope="col" className="num">
                Holds
              </th>
              <th scope="col" className="num">
                Size
              </th>
              <th scope="col" className="num">
                At most
              </th>
              <th scope="col">Kept</th>
            </tr>
          </thead>
          <tbody>
            {stores.map((store) => (
              <tr key={store.name}>
                <td>{store.name}</td>
                <td>{store.kind}</td>
                <td>
                  <StoreMode of={store} />
                </td>
                <td className="num">{store.items === null ? '–' : count(store.items)}</td>
                <td className="num">{store.bytes === null ? '–' : bytes(store.bytes)}</td>
                <td className="num">{store.maxBytes === null ? '–' : bytes(store.maxBytes)}</td>
                <td className="small">
                  {Object.entries(store.kept)
                    .map(([what, time]) => `${what} ${time}`)
                    .join(', ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Card>
  )
}

function StoreMode({ of }: { of: System['stores'][number] }) {
  if (of.mode === 'normal')
    return (
      <Badge tone="good" icon="check">
        Normal
      </Badge>
    )
  return (
    <>
      <Badge tone="warn" icon="warn">
        Degraded
      </Badge>{' '}
      <span className="muted small">{of.detail}</span>
    </>
  )
}
