import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { ApiError, call, get } from '../../api/client'
import type { Page, Session } from '../../api/types'
import { useMe } from '../../app/session'
import { Button } from '../../ui/Button'
import { Badge, Card, PageHead, Time } from '../../ui/bits'
import { problemText } from '../../ui/Dialog'
import { TextField } from '../../ui/Field'
import { Await, Notice } from '../../ui/states'
import { toast, toastBad } from '../../ui/Toast'
import { browserName } from './browserName'

export default function AccountPage() {
  const me = useMe()
  return (
    <>
      <PageHead title={me.name} note={`Signed in as ${me.role}.`} />
      <div className="grid-2">
        <ChangePassword />
        <Sessions />
      </div>
    </>
  )
}

function ChangePassword() {
  const me = useMe()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const mismatch = again !== '' && again !== next ? 'Not the same as above.' : null
  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (next.length < 12) return setProblem('The new password needs 12 characters or more.')
    if (next !== again) return setProblem('The new password is not the same twice.')
    try {
      await call('/api/admin/me/password', { method: 'PUT', body: { current, new: next }, quiet: true })
      setCurrent('')
      setNext('')
      setAgain('')
      setProblem(null)
      toast('Your password is changed. All other sessions have ended.')
    } catch (error) {
      setProblem(
        error instanceof ApiError && error.status === 404
          ? 'This server cannot change passwords yet: it is an older version.'
          : error instanceof ApiError && error.status === 401
            ? 'The current password is wrong.'
            : problemText(error),
      )
    }
  }
  return (
    <Card title="Password">
      <form className="body stack" onSubmit={(event) => void save(event)}>
        <input type="text" name="username" autoComplete="username" value={me.name} readOnly hidden />
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          hint="12 characters or more."
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
        <TextField
          label="New password, again"
          type="password"
          autoComplete="new-password"
          problem={mismatch}
          value={again}
          onChange={(event) => setAgain(event.target.value)}
        />
        {problem === null ? null : <Notice tone="bad">{problem}</Notice>}
        <div className="row">
          <Button type="submit" kind="primary">
            Change password
          </Button>
          <span className="muted small">Ends all of your other sessions.</span>
        </div>
      </form>
    </Card>
  )
}

function Sessions() {
  const client = useQueryClient()
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: ({ signal }) => get<Page<Session>>('/api/admin/sessions', signal).then((p) => p.data),
    retry: false,
  })
  const end = async (path: string, said: string) => {
    try {
      await call(path, { method: 'DELETE' })
      await client.invalidateQueries({ queryKey: ['sessions'] })
      toast(said)
    } catch (error) {
      toastBad(problemText(error))
    }
  }
  return (
    <Card
      title="Where you are signed in"
      aside={
        <Button size="small" onClick={() => void end('/api/admin/sessions', 'All other sessions have ended.')}>
          End all others
        </Button>
      }
    >
      <Await query={sessions} what="The list of sessions">
        {(data) => (
          <ul className="body stack">
            {data.map((session) => (
              <li key={session.id} className="row between">
                <div>
                  <div>
                    {browserName(session.userAgent)} {session.current ? <Badge tone="accent">this one</Badge> : null}
                  </div>
                  <div className="muted small">
                    {session.network} · seen <Time at={session.lastSeenAt} relative /> · ends <Time at={session.expiresAt} />
                  </div>
                </div>
                {session.current ? null : (
                  <Button size="small" onClick={() => void end(`/api/admin/sessions/${encodeURIComponent(session.id)}`, 'That session has ended.')}>
                    End
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Await>
    </Card>
  )
}
