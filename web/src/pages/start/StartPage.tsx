import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useReducer, useState, type ReactNode } from 'react'
import { call, idempotencyKey } from '../../api/client'
import { dashboardQuery, tiersQuery } from '../../api/queries'
import { openStream } from '../../api/sse'
import type { NewKey } from '../../api/types'
import { Link, setParams, useParam } from '../../app/router'
import { useMay } from '../../app/session'
import { duration, plural } from '../../lib/format'
import { limitInWords } from '../../lib/limits'
import { Button, needs } from '../../ui/Button'
import { Badge, Card, CopyLine, OutcomeBadge, PageHead, StatusCode, Time } from '../../ui/bits'
import { problemText } from '../../ui/Dialog'
import { SelectField, TextField } from '../../ui/Field'
import { Notice } from '../../ui/states'
import { noTail, receive } from '../requests/tailState'
import { Why } from '../requests/Why'
import { TableScroll } from '../../ui/TableScroll'
import './start.css'

/** From nothing to the first limited request: a key, a line to paste, and the request arriving. */
export default function StartPage() {
  const [made, setMade] = useState<NewKey | null>(null)
  const [open] = useParam('id')
  return (
    <>
      <PageHead title="Your first request" note="A minute: make a key, send a request with it, see it arrive and what its limit has left." />
      <ol className="steps">
        <Step number={1} title="Make a key" done={made !== null}>
          {made === null ? <MakeKey onMade={setMade} /> : <Made of={made} />}
        </Step>
        <Step number={2} title="Send a request with it" done={false} waiting={made === null}>
          {made === null ? <p className="muted">The line to paste appears here.</p> : <Send of={made} />}
        </Step>
        <Step number={3} title="See it arrive" done={false} waiting={made === null}>
          {made === null ? <p className="muted">Requests appear here as they are recorded.</p> : <Arrivals of={made} />}
        </Step>
      </ol>
      <Why id={open} onClose={() => setParams({ id: null })} />
    </>
  )
}

function Step({
  number,
  title,
  done,
  waiting = false,
  children,
}: {
  number: number
  title: string
  done: boolean
  waiting?: boolean
  children: ReactNode
}) {
  return (
    <li className={`step ${waiting ? 'waiting' : ''}`}>
      <Card
        title={
          <span className="row">
            <span className="step-number">{number}</span>
            {title}
            {done ? (
              <Badge tone="good" icon="check">
                done
              </Badge>
            ) : null}
          </span>
        }
      >
        <div className="body stack">{children}</div>
      </Card>
    </li>
  )
}

function MakeKey({ onMade }: { onMade: (key: NewKey) => void }) {
  const client = useQueryClient()
  const mayWrite = useMay('operator')
  const tiers = useQuery(tiersQuery()).data ?? []
  const [name, setName] = useState('My first app')
  const [tier, setTier] = useState('free')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const make = async () => {
    setBusy(true)
    setProblem(null)
    try {
      const { data } = await call<NewKey>('/api/admin/keys', { method: 'POST', body: { name: name.trim(), tier }, idempotencyKey: idempotencyKey() })
      await client.invalidateQueries({ queryKey: ['keys'] })
      onMade(data)
    } catch (error) {
      setProblem(problemText(error))
      setBusy(false)
    }
  }
  const chosen = tiers.find((t) => t.name === tier)
  return (
    <form className="stack" onSubmit={(event) => (event.preventDefault(), void make())}>
      <div className="grid-2">
        <TextField label="Name" value={name} onChange={(event) => setName(event.target.value)} required maxLength={200} />
        <SelectField
          label="Tier"
          value={tier}
          onChange={(event) => setTier(event.target.value)}
          options={tiers.map((t) => [t.name, t.title] as const)}
          hint={chosen === undefined ? undefined : `${limitInWords(chosen)}.`}
        />
      </div>
      {problem === null ? null : <Notice tone="bad">{problem}</Notice>}
      <div>
        <Button type="submit" kind="primary" busy={busy} refused={needs(mayWrite, 'operator')}>
          Make key
        </Button>
      </div>
    </form>
  )
}

function Made({ of }: { of: NewKey }) {
  return (
    <>
      <Notice tone="warn">This is the only time that it is shown. Keep it where it belongs.</Notice>
      <CopyLine text={of.apiKey} label="Copy key" />
    </>
  )
}

function Send({ of }: { of: NewKey }) {
  const { data } = useQuery(dashboardQuery(false))
  const gateway = data?.services.find((service) => service.name === 'gateway')?.url ?? 'http://127.0.0.1:3000'
  const line = `curl -i ${gateway}/api/data -H 'X-API-Key: ${of.apiKey}'`
  const many = `for i in $(seq ${of.maxBurst + 20}); do curl -s -o /dev/null -w '%{http_code}\\n' ${gateway}/api/data -H 'X-API-Key: ${of.apiKey}'; done`
  return (
    <>
      <CopyLine text={line} label="Copy line" />
      <p className="secondary">
        The answer says in RateLimit what is left. To be refused once, send more than its limit lets through: {limitInWords(of)}.
      </p>
      <CopyLine text={many} label="Copy line" />
    </>
  )
}

function Arrivals({ of }: { of: NewKey }) {
  const [tail, add] = useReducer(receive, noTail)
  useEffect(() => openStream({ url: `/api/analytics/tail?key=${encodeURIComponent(of.id)}`, onEvent: add, onState: () => {} }), [of.id])
  const limited = tail.rows.find((row) => row.outcome === 'limited')
  if (tail.rows.length === 0)
    return (
      <p className="row" role="status">
        <span className="waiting-dot" /> Waiting for the first request with this key…
      </p>
    )
  return (
    <>
      <p aria-live="polite">
        <b>{plural(tail.received, 'request')}</b> arrived.{' '}
        {limited === undefined ? 'None was refused so far.' : 'The first refusals are here: open one to see why.'}
      </p>
      <TableScroll className="arrivals" label="Arrived requests">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Outcome</th>
              <th scope="col">Status</th>
              <th scope="col" className="num">
                Left
              </th>
              <th scope="col" className="num">
                Latency
              </th>
              <th scope="col">
                <span className="visually-hidden">Explain</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tail.rows.slice(0, 50).map((row) => (
              <tr key={`${row.ring} ${row.sequence}`}>
                <td>
                  <Time at={row.time} />
                </td>
                <td>
                  <OutcomeBadge outcome={row.outcome} />
                </td>
                <td>
                  <StatusCode status={row.status} />
                </td>
                <td className="num">{row.limits[0]?.after ?? '–'}</td>
                <td className="num">{duration(row.latencyMs)}</td>
                <td className="num">
                  <Button size="small" aria-label={`Why ${row.status} at ${row.time}`} onClick={() => setParams({ id: row.id }, { push: true })}>
                    Why?
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      <p className="row wrap">
        <Link className="button" to={`/keys/${encodeURIComponent(of.id)}`}>
          Open the key
        </Link>
        <Link className="button" to="/">
          Go to the overview
        </Link>
      </p>
    </>
  )
}
