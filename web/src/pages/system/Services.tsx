import { useQuery } from '@tanstack/react-query'
import { ApiError, get } from '../../api/client'
import { dashboardQuery } from '../../api/queries'
import { bytes, count, duration, share, span } from '../../lib/format'
import { Bar, Card, Time } from '../../ui/bits'
import { Await, Empty, Failed, Loading } from '../../ui/states'
import { ServiceState } from '../overview/Health'
import { TableScroll } from '../../ui/TableScroll'

/** What GET /api/admin/system says; every part may be absent where it is run apart or not there yet. */
interface SystemInfo {
  version?: string
  uptimeSeconds?: number
  node?: Record<string, unknown> | string
  services?: { name: string; version?: string; uptimeSeconds?: number }[]
  stores?: { kind?: string; name?: string; mode?: string; sizeBytes?: number; bytes?: number }[]
  disk?: { freeBytes?: number; totalBytes?: number }
  certificates?: { subject?: string; notAfter?: string }[]
  config?: { generation?: number; lastChanges?: { time: string; actor: string; action: string; object: string }[] }
}

export function Services() {
  const dashboard = useQuery(dashboardQuery(2000))
  const system = useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => get<SystemInfo>('/api/admin/system', signal),
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
                        <td>
                          {service.name}{' '}
                          <span className="muted small">{system.data?.services?.find((one) => one.name === service.name)?.version}</span>
                        </td>
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
                <dt>Configuration</dt>
                <dd>{system.data?.config?.generation === undefined ? '–' : `generation ${count(system.data.config.generation)}`}</dd>
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

function More({ system }: { system: { data: SystemInfo | undefined; error: unknown } }) {
  if (system.error instanceof ApiError && system.error.status === 404)
    return <p className="muted small">This server says nothing more about stores, disk and certificates.</p>
  if (system.data === undefined) return system.error ? <Failed error={system.error} what="The system’s details" inline /> : <Loading rows={3} />
  const { stores = [], certificates = [], config } = system.data
  return (
    <div className="grid-2">
      <Card title="Stores">
        {stores.length === 0 ? (
          <Empty inline title="None named" />
        ) : (
          <TableScroll label="Stores">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Store</th>
                  <th scope="col">Kind</th>
                  <th scope="col">Mode</th>
                  <th scope="col" className="num">
                    Size
                  </th>
                </tr>
              </thead>
              <tbody>
                {stores.map((store, i) => (
                  <tr key={`${store.name} ${i}`}>
                    <td>{store.name ?? store.kind}</td>
                    <td>{store.kind ?? '–'}</td>
                    <td>{store.mode ?? '–'}</td>
                    <td className="num">{(store.sizeBytes ?? store.bytes) ? bytes(store.sizeBytes ?? store.bytes ?? 0) : '–'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        )}
      </Card>
      <Card title="Certificates">
        {certificates.length === 0 ? (
          <Empty inline icon="lock" title="None">
            A TLS terminator in front has them.
          </Empty>
        ) : (
          <ul className="body stack tight">
            {certificates.map((one) => (
              <li key={one.subject} className="row between">
                <span>{one.subject}</span>
                {one.notAfter === undefined ? null : (
                  <span className="muted">
                    until <Time at={one.notAfter} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      </Card>
      {config?.lastChanges === undefined || config.lastChanges.length === 0 ? null : (
        <Card title="Last changes">
          <ul className="body stack tight">
            {config.lastChanges.map((change) => (
              <li key={`${change.time} ${change.object}`} className="row between">
                <span>
                  <b>{change.actor}</b> {change.action} <span className="muted">{change.object}</span>
                </span>
                <Time at={change.time} relative />
              </li>
            ))}
          </ul>
        </Card>
      )}
    </div>
  )
}
