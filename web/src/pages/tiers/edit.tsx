import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { ApiError, call, idempotencyKey } from '../../api/client'
import type { Tier } from '../../api/types'
import { limitInWords, limitProblems } from '../../lib/limits'
import { Conflict } from '../../ui/Conflict'
import { FormDialog } from '../../ui/Dialog'
import { TextField } from '../../ui/Field'
import { BucketFields, bucketOf, bucketText, LimitReading } from '../../ui/limits'
import { Notice } from '../../ui/states'
import { toast } from '../../ui/Toast'
import { consequence, keysOfTierQuery } from './keysOfTier'

const pathOf = (name: string) => `/api/admin/tiers/${encodeURIComponent(name)}`
const etagOf = (tier: Tier) => `"${tier.revision}"`

function useRefresh() {
  const client = useQueryClient()
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['tiers'] }),
      client.invalidateQueries({ queryKey: ['keys'] }),
      client.invalidateQueries({ queryKey: ['key'] }),
    ])
}

export function EditTier({ tier, onClose }: { tier: Tier; onClose: () => void }) {
  const refresh = useRefresh()
  const keys = useQuery(keysOfTierQuery(tier.name))
  // What the form was filled from: the list behind it may be read anew while somebody types.
  const opened = useRef(etagOf(tier))
  const [title, setTitle] = useState(tier.title)
  const [text, setText] = useState(bucketText(tier))
  const [reason, setReason] = useState('')
  const [theirs, setTheirs] = useState<{ tier: Tier; etag: string | null } | null>(null)
  const bucket = bucketOf(text)

  const save = async (etag: string | null) => {
    if (Object.keys(limitProblems(bucket)).length > 0) throw new Error('The numbers of the limit are not right yet.')
    try {
      await call<Tier>(pathOf(tier.name), { method: 'PUT', body: { title, ...bucket }, ifMatch: etag, reason })
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) {
        const now = await call<Tier>(pathOf(tier.name))
        return setTheirs({ tier: now.data, etag: now.etag })
      }
      throw error
    }
    await refresh()
    toast(`“${title}” is saved, and in force.`)
    onClose()
  }

  if (theirs !== null) {
    return (
      <Conflict
        what={`“${tier.title}”`}
        rows={[
          { field: 'Title', before: tier.title, mine: title, theirs: theirs.tier.title },
          { field: 'Limit', before: limitInWords(tier), mine: limitInWords(bucket), theirs: limitInWords(theirs.tier) },
        ]}
        onClose={onClose}
        onTheirs={() => void refresh().then(onClose)}
        onMine={() => save(theirs.etag)}
      />
    )
  }
  return (
    <FormDialog title={`Edit tier “${tier.title}”`} submit="Save for all of them" onClose={onClose} onSubmit={() => save(opened.current)} wide>
      <TextField label="Title" value={title} onChange={(event) => setTitle(event.target.value)} maxLength={200} required />
      <BucketFields value={text} onChange={setText} />
      <LimitReading bucket={bucket} />
      {keys.data === undefined ? null : (
        <Notice tone={keys.data.following > 0 ? 'warn' : 'plain'}>
          {consequence(keys.data)}
          {keys.data.names.length === 0 ? null : <span> Among them: {keys.data.names.join(', ')}.</span>} Levels of buckets are carried over.
        </Notice>
      )}
      <TextField label="Reason (optional, for the audit)" value={reason} onChange={(event) => setReason(event.target.value)} />
    </FormDialog>
  )
}

export function CreateTier({ onClose }: { onClose: () => void }) {
  const refresh = useRefresh()
  const [name, setName] = useState('')
  const [title, setTitle] = useState('')
  const [text, setText] = useState(bucketText({ tokensPerWindow: 100, refillRate: 10, maxBurst: 100 }))
  const bucket = bucketOf(text)
  const nameProblem = name === '' || /^[A-Za-z0-9_-]{1,40}$/.test(name) ? null : 'Letters, digits, _ and -; 40 at most.'
  const save = async () => {
    if (name === '' || nameProblem !== null) throw new Error('It needs a name of letters, digits, _ and -.')
    if (Object.keys(limitProblems(bucket)).length > 0) throw new Error('The numbers of the limit are not right yet.')
    await call<Tier>('/api/admin/tiers', {
      method: 'POST',
      idempotencyKey: idempotencyKey(),
      body: { name, ...(title.trim() === '' ? {} : { title: title.trim() }), ...bucket },
    })
    await refresh()
    toast(`“${title.trim() || name}” is there: keys can have it from now on.`)
    onClose()
  }
  return (
    <FormDialog title="New tier" submit="Make tier" onClose={onClose} onSubmit={save} wide>
      <div className="grid-2">
        <TextField
          label="Name"
          hint="As the API knows it."
          value={name}
          onChange={(event) => setName(event.target.value)}
          problem={nameProblem}
          autoFocus
          required
        />
        <TextField
          label="Title (optional)"
          hint="As people see it."
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          maxLength={200}
        />
      </div>
      <BucketFields value={text} onChange={setText} />
      <LimitReading bucket={bucket} />
    </FormDialog>
  )
}

export function DeleteTier({ tier, onClose }: { tier: Tier; onClose: () => void }) {
  const refresh = useRefresh()
  const keys = useQuery(keysOfTierQuery(tier.name))
  const inUse = keys.data !== undefined && keys.data.total !== 0
  const run = async () => {
    await call(pathOf(tier.name), { method: 'DELETE', ifMatch: etagOf(tier) })
    await refresh()
    toast(`“${tier.title}” is deleted.`)
    onClose()
  }
  return (
    <FormDialog
      title={`Delete tier “${tier.title}”?`}
      submit="Delete"
      danger
      refused={inUse ? 'Keys have it: move them to another tier first.' : null}
      onClose={onClose}
      onSubmit={run}
    >
      <p>
        {inUse
          ? 'Keys still have this tier. Move them to another first: select them in the list of keys, then “Change tier”.'
          : 'No key has it. It can be made again with the same name.'}
      </p>
    </FormDialog>
  )
}
