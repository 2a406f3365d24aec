import { useQuery } from '@tanstack/react-query'
import { routesQuery } from '../../api/queries'
import { Link } from '../../app/router'
import { limitInWords, type Bucket } from '../../lib/limits'
import { Card } from '../../ui/bits'
import { Await, Empty } from '../../ui/states'
import { TableScroll } from '../../ui/TableScroll'

interface RouteLimit extends Bucket {
  name: string
  scope?: string[]
  mode?: string
}

/** The limits that stand in the configuration file; they are read at the start. */
export function RouteLimits() {
  const routes = useQuery(routesQuery())
  return (
    <Card title="Limits of routes" aside={<span className="muted small">from the configuration file</span>}>
      <Await query={routes} what="Routes">
        {(data) => {
          const limits = data.flatMap((route) => (route.limits as unknown as RouteLimit[]).map((limit) => ({ route: route.name, limit })))
          if (limits.length === 0)
            return (
              <Empty inline title="No route has limits of its own">
                A route’s limits are met besides those of the key. They are set in the configuration file.
              </Empty>
            )
          return (
            <TableScroll label="Limits of routes">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">Route</th>
                    <th scope="col">Limit</th>
                    <th scope="col">Reads</th>
                  </tr>
                </thead>
                <tbody>
                  {limits.map(({ route, limit }) => (
                    <tr key={`${route} ${limit.name}`}>
                      <td>
                        <Link to={`/routes#${route}`}>{route}</Link>
                      </td>
                      <td className="mono">{limit.name}</td>
                      <td>{limitInWords(limit)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableScroll>
          )
        }}
      </Await>
    </Card>
  )
}
