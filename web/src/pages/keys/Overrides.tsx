import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, call, idempotencyKey } from '../../api/client'
import { overridesQuery } from '../../api/queries'
import type { Key, Override } from '../../api/types'
import { limitInWords, limitProblems } from '../../lib/limits'
import { Button, needs } from '../../ui/Button'
import { Card, Time } from '../../ui/bits'
import { FormDialog, problemText } from '../../ui/Dialog'
import { SelectField, TextField } from '../../ui/Field'
import { BucketFields, bucketOf, bucketText, LimitReading } from '../../ui/limits'
import { Await, Empty } from '../../ui/states'
import { toast, toastBad } from '../../ui/Toast'

/** Limits for a while: for a launch, a migration, a customer who called. They end by themselves. */
export function Overrides({ of, mayWrite }: { of: Key; mayWrite: boolean }) {
  const client = useQueryClient()
  const overrides = useQuery({ ...overridesQuery(), retry: false })
  const [adding, setAdding] = useState(false)
  // Where the server has none there is nothing to offer.
  if (overrides.error instanceof ApiError && [403, 404].includes(overrides.error.status)) return null
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: ['overrides'] }), client.invalidateQueries({ queryKey: ['key', of.id] })])
  const end = async (one: Override) => {
    try {
      await call(`/api/admin/overrides/${encodeURIComponent(one.id)}`, { method: 'DELETE' })
      await refresh()
      toast('The usual limits are in force again.')
    } catch (error) {
      toastBad(problemText(error))
    }
  }
  return (
    <Card
      title="For a while"
      aside={
        <Button size="small" refused={needs(mayWrite, 'operator')} onClick={() => setAdding(true)}>
          Override…
        </Button>
      }
    >
      <Await query={overrides} what="Overrides" rows={1}>
        {(all) => {
          const mine = all.filter((one) => one.key === of.id)
          if (mine.length === 0) return <Empty inline title="No override in force" />
          return (
            <ul className="body stack tight">
              {mine.map((one) => (
                <li key={one.id} className="row between">
                  <span>
                    {limitInWords(one.limits)}{' '}
                    <span className="muted">
                      until <Time at={one.expiresAt} /> – {one.reason}
                    </span>
                  </span>
                  <Button size="small" refused={needs(mayWrite, 'operator')} onClick={() => void end(one)}>
                    End now
                  </Button>
                </li>
              ))}
            </ul>
          )
        }}
      </Await>
      {adding ? <AddOverride of={of} onClose={() => setAdding(false)} onDone={refresh} /> : null}
    </Card>
  )
}

const lengths = [
  ['3600', '1 hour'],
  ['14400', '4 hours'],
  ['86400', '1 day'],
  ['604800', '7 days'],
] as const

function AddOverride({ of, onClose, onDone }: { of: Key; onClose: () => void; onDone: () => Promise<unknown> }) {
  const [text, setText] = useState(bucketText(of))
  const [seconds, setSeconds] = useState('3600')
  const [reason, setReason] = useState('')
  const bucket = bucketOf(text)
  const run = async () => {
    if (Object.keys(limitProblems(bucket)).length > 0) throw new Error('The numbers of the limit are not right yet.')
    if (reason.trim() === '') throw new Error('Say why: whoever finds it later will ask.')
    await call('/api/admin/overrides', {
      method: 'POST',
      idempotencyKey: idempotencyKey(),
      body: { key: of.id, limits: bucket, expiresAt: new Date(Date.now() + Number(seconds) * 1000).toISOString(), reason: reason.trim() },
    })
    await onDone()
    toast('The override is in force.')
    onClose()
  }
  return (
    <FormDialog title={`Other limits for “${of.name}”, for a while`} submit="Put in force" onClose={onClose} onSubmit={run}>
      <BucketFields value={text} onChange={setText} />
      <LimitReading bucket={bucket} drawing={false} />
      <SelectField label="For" value={seconds} onChange={(event) => setSeconds(event.target.value)} options={lengths} />
      <TextField label="Reason" value={reason} required onChange={(event) => setReason(event.target.value)} />
    </FormDialog>
  )
}
