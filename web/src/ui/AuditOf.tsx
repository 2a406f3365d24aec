import { useQuery } from '@tanstack/react-query'
import { ApiError } from '../api/client'
import { auditQuery } from '../api/queries'
import { Card, Time } from './bits'
import { Await, Empty } from './states'
import { Link } from '../app/router'

/** Who changed one thing, the latest first. */
export function AuditOf({ object }: { object: string }) {
  const audit = useQuery({ ...auditQuery({ object, limit: 10 }), retry: false })
  const absent = audit.error instanceof ApiError && audit.error.status === 404
  return (
    <Card
      title="Changes"
      aside={
        <Link className="small" to={`/system/audit?object=${encodeURIComponent(object)}`}>
          All
        </Link>
      }
    >
      {absent ? (
        <Empty inline title="No audit here">
          This server keeps none.
        </Empty>
      ) : (
        <Await query={audit} what="The audit">
          {({ data }) =>
            data.length === 0 ? (
              <Empty inline title="No change since the audit began" />
            ) : (
              <ul className="body stack tight">
                {data.map((entry) => (
                  <li key={entry.seq} className="row between">
                    <span>
                      <b>{entry.actor}</b> {entry.action}
                      {entry.reason ? <span className="muted"> – {entry.reason}</span> : null}
                    </span>
                    <span className="muted">
                      <Time at={entry.time} relative />
                    </span>
                  </li>
                ))}
              </ul>
            )
          }
        </Await>
      )}
    </Card>
  )
}
