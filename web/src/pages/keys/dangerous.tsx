// What cannot be taken back, or stops callers: each says first what it will do, with figures of who is affected.
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { call, idempotencyKey } from '../../api/client'
import { keyUsageQuery } from '../../api/queries'
import type { Key, NewKey } from '../../api/types'
import { count, span } from '../../lib/format'
import { Time } from '../../ui/bits'
import { FormDialog } from '../../ui/Dialog'
import { SelectField, TextField } from '../../ui/Field'

const pathOf = (key: Key) => `/api/admin/keys/${encodeURIComponent(key.id)}`

/** Whether anybody uses it: the best reason to stop and think. */
function InUse({ of }: { of: Key }) {
  const { data } = useQuery(keyUsageQuery(of.id))
  if (data === undefined) return null
  if (data.lastUsedAt === null) return <p className="secondary">It was never used.</p>
  return (
    <p className="secondary">
      Last used <Time at={data.lastUsedAt} relative />; {count(data.totalRequests)} requests in all.
    </p>
  )
}

export function DisableKey({ of, onClose, onDone }: { of: Key; onClose: () => void; onDone: () => Promise<void> }) {
  const [reason, setReason] = useState('')
  const run = async () => {
    await call(`${pathOf(of)}/disable`, { method: 'POST', idempotencyKey: idempotencyKey(), reason })
    await onDone()
  }
  return (
    <FormDialog title={`Disable “${of.name}”?`} submit="Disable" danger onClose={onClose} onSubmit={run}>
      <p>Whoever uses it gets 401 from the next request on. It can be enabled again at any time; nothing is lost.</p>
      <InUse of={of} />
      <TextField label="Reason (optional, for the audit)" value={reason} onChange={(event) => setReason(event.target.value)} />
    </FormDialog>
  )
}

export function DeleteKey({ of, etag, onClose, onDone }: { of: Key; etag: string | null; onClose: () => void; onDone: () => Promise<void> }) {
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const run = async () => {
    await call(pathOf(of), { method: 'DELETE', ifMatch: etag, reason })
    await onDone()
  }
  return (
    <FormDialog
      title={`Delete “${of.name}”?`}
      submit="Delete for good"
      danger
      refused={typed === of.last4 ? null : 'Type the last four characters first.'}
      onClose={onClose}
      onSubmit={run}
    >
      <p>
        Whoever uses it gets 401 at once, and it does not come back. What it used stays in the log and in reports. To stop it for a while, disable it.
      </p>
      <InUse of={of} />
      <TextField
        label={`Its last four characters, ${of.last4}, to go on`}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        autoComplete="off"
      />
      <TextField label="Reason (optional, for the audit)" value={reason} onChange={(event) => setReason(event.target.value)} />
    </FormDialog>
  )
}

const graces = [
  ['0', 'None: the old text stops at once'],
  ['3600', '1 hour'],
  ['86400', '1 day'],
  ['604800', '7 days'],
] as const

export function RotateKey({ of, etag, onClose, onDone }: { of: Key; etag: string | null; onClose: () => void; onDone: (made: NewKey) => void }) {
  const attempt = useRef(idempotencyKey())
  const [grace, setGrace] = useState('86400')
  const run = async () => {
    const { data } = await call<NewKey>(`${pathOf(of)}/rotate`, {
      method: 'POST',
      body: { graceSeconds: Number(grace) },
      ifMatch: etag,
      idempotencyKey: attempt.current,
    })
    if (!data.apiKey) throw new Error('It was rotated, but the answer with the new text did not arrive. Rotate it again to get one.')
    onDone(data)
  }
  return (
    <FormDialog title={`Rotate “${of.name}”`} submit="Rotate" danger={grace === '0'} onClose={onClose} onSubmit={run}>
      <p>It gets a new text, shown once. Limits, usage and name stay.</p>
      <SelectField label="The old text works for" value={grace} onChange={(event) => setGrace(event.target.value)} options={graces} />
      <p className="secondary">
        {grace === '0'
          ? 'Whoever has the old text gets 401 from the next request on.'
          : `For ${span(Number(grace))} both work, and count against the same limits; then the old one gets 401.`}
      </p>
      <InUse of={of} />
    </FormDialog>
  )
}
