import { useQuery } from '@tanstack/react-query'
import { call } from '../../api/client'
import type { RouteMatch } from '../../api/types'
import { setParams, useParam } from '../../app/router'
import { Badge, Card, useSettled } from '../../ui/bits'
import { FilterSelect } from '../../ui/Field'
import { Failed } from '../../ui/states'
import { Matches } from './RoutesPage'

const methods: [string, string][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].map((m) => [m, m])

/** Which route a request would take, asked of the gateway's own table. The question is in the URL: it can be sent to somebody. */
export function MatchTester() {
  const [path] = useParam('test')
  const [host] = useParam('host')
  const [method] = useParam('method', 'GET')
  const question = useSettled(`${method} ${host} ${path}`)
  const asked = path.startsWith('/') && question === `${method} ${host} ${path}`
  const answer = useQuery({
    queryKey: ['match', question],
    queryFn: ({ signal }) =>
      call<RouteMatch>('/api/admin/routes/match', { method: 'POST', body: { path, method, ...(host === '' ? {} : { host }) }, signal }).then(
        (a) => a.data,
      ),
    enabled: asked,
  })
  return (
    <Card title="Which route wins?">
      <div className="body stack">
        <div className="filters">
          <FilterSelect label="Method" value={method} onChange={(next) => setParams({ method: next === 'GET' ? null : next })} options={methods} />
          <input
            type="search"
            className="input compact grow mono"
            aria-label="Path"
            placeholder="/api/orders/17"
            value={path}
            onChange={(event) => setParams({ test: event.target.value })}
          />
          <input
            className="input compact"
            aria-label="Host"
            placeholder="Host (optional)"
            value={host}
            onChange={(event) => setParams({ host: event.target.value.trim() })}
          />
        </div>
        <div aria-live="polite">
          {path === '' ? (
            <p className="muted">Type a path as a client would send it.</p>
          ) : !path.startsWith('/') ? (
            <p className="muted">A path begins with a slash.</p>
          ) : answer.data !== undefined && asked ? (
            <Verdict of={answer.data} />
          ) : answer.error ? (
            <Failed error={answer.error} what="The answer" inline />
          ) : (
            <p className="muted">…</p>
          )}
        </div>
      </div>
    </Card>
  )
}

function Verdict({ of }: { of: RouteMatch }) {
  if (of.route !== null) {
    return (
      <div className="row wrap">
        <Badge tone="good" icon="check">
          Route {of.route.name}
        </Badge>
        <Matches route={of.route} />
        <span className="secondary">
          is the most specific that fits <code>{of.path}</code>, and goes to {of.route.upstreams.join(', ')}.
        </span>
      </div>
    )
  }
  const methodsAllowed = of.allowedMethods ?? []
  return (
    <div className="row wrap">
      <Badge tone="bad" icon="stop">
        {of.status ?? 404}
      </Badge>
      <span className="secondary">
        {of.status === 405 ? (
          `A route has this path, but not for this method: ${methodsAllowed.join(', ')}.`
        ) : (
          <>
            No route fits <code>{of.path}</code>: the client gets 404.
          </>
        )}
      </span>
    </div>
  )
}
