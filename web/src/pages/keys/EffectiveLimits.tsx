import { useQuery } from '@tanstack/react-query'
import { effectiveLimitsQuery } from '../../api/queries'
import { limitInWords } from '../../lib/limits'
import { Badge, Card } from '../../ui/bits'
import { Await } from '../../ui/states'
import { Link } from '../../app/router'

export function EffectiveLimits({ id }: { id: string }) {
  const limits = useQuery(effectiveLimitsQuery(id))
  return (
    <Card title="Limits that it meets" aside={<span className="muted small">all must allow</span>}>
      <Await query={limits} what="The limits">
        {(data) => (
          <ul className="body stack">
            {data.map((limit) => (
              <li key={`${limit.source} ${limit.name}`} className="stack tight">
                <span className="row wrap">
                  <b>{limit.name}</b> <Source of={limit.source} />
                  {limit.mode === 'shadow' ? <Badge icon="info">shadow: never refuses</Badge> : null}
                </span>
                <span className="secondary">
                  {limitInWords(limit)}
                  <span className="muted">
                    {limit.scope.length === 0
                      ? ', for everybody together'
                      : `, per ${limit.scope.map((s) => (s === 'client_ip' ? 'client address' : s)).join(' and ')}`}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Await>
    </Card>
  )
}

/** Where a limit was said, as a link to where it can be changed. */
function Source({ of }: { of: string }) {
  const [kind, name] = of.split(':')
  if (kind === 'tier')
    return (
      <Link className="small" to="/tiers">
        from tier {name}
      </Link>
    )
  if (kind === 'route')
    return (
      <Link className="small" to="/routes">
        from route {name}
      </Link>
    )
  if (kind === 'override') return <Badge tone="accent">override</Badge>
  return <span className="muted small">{kind === 'key' ? 'its own' : `from the ${kind}’s configuration`}</span>
}
