import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { ApiError, call, idempotencyKey } from '../../api/client'
import type { NewKey, Tier } from '../../api/types'
import { Link } from '../../app/router'
import { limitProblems } from '../../lib/limits'
import { Button } from '../../ui/Button'
import { CopyLine } from '../../ui/bits'
import { Dialog, FormDialog } from '../../ui/Dialog'
import { SelectField, TextField } from '../../ui/Field'
import { BucketFields, bucketOf, bucketText, LimitReading, type BucketText } from '../../ui/limits'
import { Notice } from '../../ui/states'

export function CreateKey({ tiers, onClose }: { tiers: Tier[]; onClose: () => void }) {
  const [made, setMade] = useState<NewKey | null>(null)
  if (made !== null) return <NewSecret made={made} title="The key is made" onClose={onClose} />
  return <CreateForm tiers={tiers} onClose={onClose} onMade={setMade} />
}

function CreateForm({ tiers, onClose, onMade }: { tiers: Tier[]; onClose: () => void; onMade: (key: NewKey) => void }) {
  const client = useQueryClient()
  const attempt = useRef(idempotencyKey())
  const [name, setName] = useState('')
  const [tier, setTier] = useState('free')
  const [consumer, setConsumer] = useState('')
  const [expires, setExpires] = useState('')
  const [own, setOwn] = useState<BucketText | null>(null)
  const chosen = tiers.find((t) => t.name === tier)
  const bucket = own === null ? chosen : bucketOf(own)
  const wrong = own !== null && Object.keys(limitProblems(bucketOf(own))).length > 0
  const create = async () => {
    if (name.trim() === '') throw new Error('Give it a name: who or what will use it.')
    if (wrong) throw new Error('The numbers of the limit are not right yet.')
    const body = {
      name: name.trim(),
      tier,
      ...(consumer.trim() === '' ? {} : { consumer: consumer.trim() }),
      ...(expires === '' ? {} : { expiresAt: new Date(expires).toISOString() }),
      ...(own === null ? {} : bucketOf(own)),
    }
    try {
      const { data } = await call<NewKey>('/api/admin/keys', { method: 'POST', body, idempotencyKey: attempt.current })
      await client.invalidateQueries({ queryKey: ['keys'] })
      // The first answer was lost on its way: the key is there, its text is not to be had.
      if (!data.apiKey)
        throw new Error(`“${data.name}” was made, but the answer with its text did not arrive. Open it in the list and rotate it to get a new text.`)
      onMade(data)
    } catch (error) {
      // After silence the same request may have been done: it is sent again as the same. After an answer, the next one is another.
      if (error instanceof ApiError) attempt.current = idempotencyKey()
      throw error
    }
  }
  return (
    <FormDialog title="New key" submit="Make key" onClose={onClose} onSubmit={create} wide>
      <div className="grid-2">
        <TextField
          label="Name"
          hint="Who or what will use it."
          value={name}
          onChange={(event) => setName(event.target.value)}
          autoFocus
          required
          maxLength={200}
          autoComplete="off"
        />
        <TextField
          label="Consumer (optional)"
          hint="To whom it belongs, for reports and bills."
          value={consumer}
          onChange={(event) => setConsumer(event.target.value)}
          maxLength={200}
          autoComplete="off"
        />
        <SelectField
          label="Tier"
          value={tier}
          onChange={(event) => setTier(event.target.value)}
          options={tiers.map((t) => [t.name, t.title] as const)}
        />
        <TextField
          label="Expires (optional)"
          hint="In your time zone; never when empty."
          type="datetime-local"
          value={expires}
          onChange={(event) => setExpires(event.target.value)}
        />
      </div>
      <label className="check">
        <input
          type="checkbox"
          checked={own !== null}
          onChange={(event) => setOwn(event.target.checked && chosen !== undefined ? bucketText(chosen) : null)}
        />
        Limits of its own, in place of the tier’s
      </label>
      {own === null ? null : <BucketFields value={own} onChange={setOwn} />}
      {bucket === undefined ? null : <LimitReading bucket={bucket} drawing={own !== null} />}
    </FormDialog>
  )
}

/** The only time that the text can be seen: it stays until the person says that they have it. */
export function NewSecret({ made, title, onClose }: { made: NewKey; title: string; onClose: () => void }) {
  const [kept, setKept] = useState(false)
  return (
    <Dialog
      title={title}
      open
      sticky
      onClose={onClose}
      footer={
        <>
          <Link
            className="button"
            to={`/keys/${encodeURIComponent(made.id)}`}
            onClick={(event) => (kept ? onClose() : event.preventDefault())}
            aria-disabled={!kept || undefined}
          >
            Open the key
          </Link>
          <Button kind="primary" refused={kept ? null : 'Say first that you have it.'} onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <Notice tone="warn">This is the only time that it is shown. Only its hash is kept: nobody can look it up later.</Notice>
      <CopyLine text={made.apiKey} label="Copy key" />
      <p className="secondary">
        Send it as <code>X-API-Key</code>, or as <code>Authorization: Bearer</code>.
      </p>
      <label className="check">
        <input type="checkbox" checked={kept} onChange={(event) => setKept(event.target.checked)} />I have stored it where it belongs
      </label>
    </Dialog>
  )
}
