import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { ApiError, call } from '../../api/client'
import { tiersQuery } from '../../api/queries'
import type { Key } from '../../api/types'
import { limitInWords, limitProblems } from '../../lib/limits'
import { FormDialog } from '../../ui/Dialog'
import { SelectField, TextField } from '../../ui/Field'
import { BucketFields, bucketOf, bucketText, LimitReading, type BucketText } from '../../ui/limits'
import { Conflict } from '../../ui/Conflict'
import { toast } from '../../ui/Toast'
import { keyPatch, localInput, type KeyForm } from './keyForm'

interface EditProps {
  of: Key
  etag: string | null
  onClose: () => void
  onSaved: () => Promise<unknown>
}

export function EditKey({ of, etag, onClose, onSaved }: EditProps) {
  const tiers = useQuery(tiersQuery()).data ?? []
  const [form, setForm] = useState<KeyForm>({
    name: of.name,
    consumer: of.consumer ?? '',
    tier: of.tier,
    expires: localInput(of.expiresAt),
    own: of.limitSource === 'key' ? bucketText(of) : null,
  })
  // What the form was filled from: the page behind it may be read anew while somebody types.
  const opened = useRef({ of, etag })
  const [reason, setReason] = useState('')
  const [theirs, setTheirs] = useState<{ key: Key; etag: string | null } | null>(null)
  const set = (change: Partial<KeyForm>) => setForm((now) => ({ ...now, ...change }))
  const chosen = tiers.find((t) => t.name === form.tier)
  const bucket = form.own === null ? (chosen ?? of) : bucketOf(form.own)
  const path = `/api/admin/keys/${encodeURIComponent(of.id)}`

  const save = async (version: string | null, base: Key) => {
    if (form.name.trim() === '') throw new Error('It needs a name.')
    if (form.own !== null && Object.keys(limitProblems(bucketOf(form.own))).length > 0) throw new Error('The numbers of the limit are not right yet.')
    const patch = keyPatch(base, form)
    if (Object.keys(patch).length === 0) return onClose()
    try {
      await call<Key>(path, { method: 'PATCH', body: patch, ifMatch: version, reason })
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) {
        const now = await call<Key>(path)
        return setTheirs({ key: now.data, etag: now.etag })
      }
      throw error
    }
    await onSaved()
    toast(`“${form.name}” is saved, and in force.`)
    onClose()
  }

  if (theirs !== null) {
    return (
      <Conflict
        what={`“${of.name}”`}
        rows={conflictRows(opened.current.of, form, theirs.key)}
        onClose={onClose}
        onTheirs={() => {
          void onSaved()
          onClose()
        }}
        onMine={() => save(theirs.etag, theirs.key)}
      />
    )
  }
  return (
    <FormDialog title={`Edit “${of.name}”`} submit="Save" onClose={onClose} onSubmit={() => save(opened.current.etag, opened.current.of)} wide>
      <div className="grid-2">
        <TextField label="Name" value={form.name} onChange={(event) => set({ name: event.target.value })} required maxLength={200} />
        <TextField
          label="Consumer"
          value={form.consumer}
          onChange={(event) => set({ consumer: event.target.value })}
          maxLength={200}
          hint="To whom it belongs, for reports and bills."
        />
        <SelectField
          label="Tier"
          value={form.tier}
          onChange={(event) => set({ tier: event.target.value })}
          options={tiers.length === 0 ? [[form.tier, form.tier]] : tiers.map((t) => [t.name, t.title] as const)}
        />
        <TextField
          label="Expires"
          type="datetime-local"
          step="1"
          value={form.expires}
          onChange={(event) => set({ expires: event.target.value })}
          hint="In your time zone; never when empty."
        />
      </div>
      <label className="check">
        <input
          type="checkbox"
          checked={form.own !== null}
          onChange={(event) => set({ own: event.target.checked ? bucketText(chosen ?? of) : null })}
        />
        Limits of its own, in place of the tier’s
      </label>
      {form.own === null ? null : <BucketFields value={form.own} onChange={(own: BucketText) => set({ own })} />}
      <LimitReading bucket={bucket} drawing={form.own !== null} />
      <TextField label="Reason (optional, for the audit)" value={reason} onChange={(event) => setReason(event.target.value)} />
    </FormDialog>
  )
}

function conflictRows(base: Key, mine: KeyForm, theirs: Key): { field: string; before: string; mine: string; theirs: string }[] {
  const limit = (key: Key) => (key.limitSource === 'tier' ? 'the tier’s' : limitInWords(key))
  return [
    { field: 'Name', before: base.name, mine: mine.name, theirs: theirs.name },
    { field: 'Consumer', before: base.consumer ?? '', mine: mine.consumer, theirs: theirs.consumer ?? '' },
    { field: 'Tier', before: base.tier, mine: mine.tier, theirs: theirs.tier },
    { field: 'Expires', before: localInput(base.expiresAt), mine: mine.expires, theirs: localInput(theirs.expiresAt) },
    { field: 'Limit', before: limit(base), mine: mine.own === null ? 'the tier’s' : limitInWords(bucketOf(mine.own)), theirs: limit(theirs) },
    { field: 'State', before: base.status, mine: base.status, theirs: theirs.status },
  ]
}
