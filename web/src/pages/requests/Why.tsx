import { useQuery } from '@tanstack/react-query'
import { get } from '../../api/client'
import type { Decision, LoggedRequest } from '../../api/types'
import { Link, setParams } from '../../app/router'
import { bytes, count, duration, plural } from '../../lib/format'
import { Badge, Card, CopyButton, OutcomeBadge, StatusCode, Time } from '../../ui/bits'
import { Drawer } from '../../ui/Dialog'
import { KeyName } from '../../ui/names'
import { Await } from '../../ui/states'
import { TableScroll } from '../../ui/TableScroll'
import './why.css'

/** One decision, explained from the log: what was asked, what each limit held, and who had used it. */
export function Why({ id, onClose }: { id: string; onClose: () => void }) {
  const decision = useQuery({
    queryKey: ['decision', id],
    queryFn: ({ signal }) => get<Decision>(`/api/analytics/decisions/${encodeURIComponent(id)}`, signal),
    enabled: id !== '',
    staleTime: Infinity,
    retry: 1,
  })
  return (
    <Drawer title="Why this answer?" open={id !== ''} onClose={onClose}>
      <Await query={decision} what="This decision" rows={8}>
        {(data) => <Explained of={data} />}
      </Await>
    </Drawer>
  )
}

function Explained({ of }: { of: Decision }) {
  return (
    <>
      <div className="row wrap">
        <OutcomeBadge outcome={of.outcome} />
        <StatusCode status={of.status} />
        <span className="mono">{of.method}</span> {of.route ?? <span className="muted">no route</span>}
        <span className="muted">
          <Time at={of.time} />
        </span>
      </div>
      <p className="why-sentence">
        <InLocalTime text={of.explanation} />
      </p>
      <Limits of={of} />
      {of.usedBy === null ? null : <UsedBy usedBy={of.usedBy} self={of.id} />}
      <Card title="The request">
        <dl className="facts body">
          <dt>Key</dt>
          <dd>
            <KeyName id={of.key} />
          </dd>
          <dt>Consumer</dt>
          <dd>{of.consumer ?? <span className="muted">none</span>}</dd>
          <dt>Tier</dt>
          <dd>{of.tier ?? <span className="muted">none</span>}</dd>
          <dt>Client</dt>
          <dd className="mono">{of.client ?? '–'}</dd>
          <dt>Cost</dt>
          <dd>{plural(of.cost, 'token')}</dd>
          <dt>Latency</dt>
          <dd>
            {duration(of.latencyMs)}
            {of.upstreamMs > 0 ? <span className="muted">, of which upstream {duration(of.upstreamMs)}</span> : null}
          </dd>
          <dt>Bytes</dt>
          <dd>
            {bytes(of.bytesIn)} in, {bytes(of.bytesOut)} out
          </dd>
          <dt>Trace</dt>
          <dd className="mono">{of.traceId ?? '–'}</dd>
          <dt>Request id</dt>
          <dd className="row wrap">
            <code>{of.id}</code> <CopyButton text={of.id} />
          </dd>
        </dl>
      </Card>
      {of.othersWithThisId > 0 ? (
        <p className="muted small">{plural(of.othersWithThisId, 'other request has', 'other requests have')} this id: clients may choose it.</p>
      ) : null}
    </>
  )
}

/** The server's sentence, its times in the viewer's zone as everywhere else. */
function InLocalTime({ text }: { text: string }) {
  return text.split(/(\d{4}-\d\d-\d\dT[\d:.]+Z)/).map((part, i) => (i % 2 === 1 ? <Time key={i} at={part} /> : part))
}

function Limits({ of }: { of: LoggedRequest }) {
  if (of.limits.length === 0) return <p className="secondary">No limit was asked.</p>
  return (
    <Card title="Limits" aside={<span className="muted small">all must allow; a refusal takes nothing</span>}>
      <ul className="body stack">
        {of.limits.map((limit) => {
          const most = Math.max(limit.before, limit.after, of.cost, 1)
          return (
            <li key={limit.name} className="stack tight">
              <span className="row wrap">
                <b>{limit.name}</b>
                <span className="muted small">{limit.countsBy.length === 0 ? 'everybody together' : `per ${limit.countsBy.join(' and ')}`}</span>
                {limit.refused ? (
                  <Badge tone="warn" icon="stop">
                    refused
                  </Badge>
                ) : (
                  <Badge icon="check">allowed</Badge>
                )}
              </span>
              <span className="level-pair" aria-hidden="true">
                <i className="level-before" style={{ transform: `scaleX(${limit.before / most})` }} />
                <i className="level-after" style={{ transform: `scaleX(${limit.after / most})` }} />
              </span>
              <span className="secondary small">
                {limit.exact ? '' : '± '}
                {count(limit.before)} before → {limit.exact ? '' : '± '}
                {count(limit.after)} after
                {limit.before < of.cost ? <b>, it needed {count(of.cost)}</b> : null}
              </span>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}

function UsedBy({ usedBy, self }: { usedBy: NonNullable<Decision['usedBy']>; self: string }) {
  return (
    <Card title="Who had used the tokens" aside={<span className="muted small">limit {usedBy.limit}, the hour before</span>}>
      <p className="body secondary">
        {usedBy.requests.length === 0 ? (
          'Nobody in the hour before.'
        ) : (
          <>
            {plural(usedBy.tokens, 'token')} by the {plural(usedBy.requests.length, 'request')} below
            {usedBy.complete ? '.' : '; there were more before them.'}
          </>
        )}
      </p>
      {usedBy.requests.length === 0 ? null : (
        <TableScroll className="used-by" label="Requests that used the tokens">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Request</th>
                <th scope="col">Key</th>
                <th scope="col" className="num">
                  Tokens
                </th>
                <th scope="col" className="num">
                  Left
                </th>
              </tr>
            </thead>
            <tbody>
              {usedBy.requests.map((request) => (
                <tr key={`${request.ring} ${request.sequence}`}>
                  <td>
                    <Time at={request.time} />
                  </td>
                  <td>
                    {request.id === self ? (
                      `${request.method} ${request.route ?? '–'}`
                    ) : (
                      <button type="button" className="link-button nowrap" onClick={() => setParams({ id: request.id }, { push: true })}>
                        {request.method} {request.route ?? '–'}
                      </button>
                    )}
                  </td>
                  <td className="clip">
                    <KeyName id={request.key} link={false} />
                  </td>
                  <td className="num">{count(request.cost)}</td>
                  <td className="num">{count(request.limits.find((limit) => limit.name === usedBy.limit)?.after ?? 0)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
      <footer>
        <Link className="small" to={`/explorer?by=key&range=15m`}>
          Explore who uses how much
        </Link>
      </footer>
    </Card>
  )
}
