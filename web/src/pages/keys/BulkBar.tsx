import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, idempotencyKey } from '../../api/client'
import type { Key, Tier } from '../../api/types'
import { plural } from '../../lib/format'
import { Button } from '../../ui/Button'
import { FormDialog, problemText } from '../../ui/Dialog'
import { SelectField, TextField } from '../../ui/Field'
import { toast, toastBad } from '../../ui/Toast'

type Action = 'disable' | 'enable' | 'delete' | 'tier'

interface BulkResult {
  data: { id: string; ok?: boolean; error?: { detail?: string } | null }[]
}

/** One request for all of them; the server answers for each. */
async function bulk(ids: string[], action: Action, tier?: string): Promise<number> {
  const { data } = await call<BulkResult>('/api/admin/keys/bulk', {
    method: 'POST',
    idempotencyKey: idempotencyKey(),
    body: { ids, action, ...(tier === undefined ? {} : { tier }) },
  })
  return (data.data ?? []).filter((one) => one.ok === false || (one.error !== undefined && one.error !== null)).length
}

export function BulkBar({ keys, tiers, onDone }: { keys: Key[]; tiers: Tier[]; onDone: () => void }) {
  const client = useQueryClient()
  const [asking, setAsking] = useState<'delete' | 'tier' | null>(null)
  const ids = keys.map((key) => key.id)
  const after = async (failed: number, done: string, undo?: () => void) => {
    await client.invalidateQueries({ queryKey: ['keys'] })
    onDone()
    if (failed > 0) toastBad(`${plural(failed, 'key')} could not be changed; the others were.`)
    else toast(done, undo === undefined ? undefined : { label: 'Undo', run: undo })
  }
  const turn = async (action: 'disable' | 'enable', undoable: boolean) => {
    // Only those that it changes, so that undoing it does not change others.
    const changing = keys.filter((key) => (action === 'disable') === (key.status === 'active')).map((key) => key.id)
    try {
      const failed = await bulk(changing, action)
      const back = () => void bulk(changing, action === 'disable' ? 'enable' : 'disable').then((n) => after(n, 'Undone.'))
      await after(failed, `${plural(changing.length, 'key')} ${action}d.`, undoable ? back : undefined)
    } catch (error) {
      toastBad(problemText(error))
    }
  }
  return (
    <div className="bulk row wrap" role="group" aria-label="Selected keys">
      <span className="strong">{plural(keys.length, 'key')} selected</span>
      <Button size="small" onClick={() => void turn('disable', true)}>
        Disable
      </Button>
      <Button size="small" onClick={() => void turn('enable', true)}>
        Enable
      </Button>
      <Button size="small" onClick={() => setAsking('tier')}>
        Change tier…
      </Button>
      <Button size="small" kind="danger" onClick={() => setAsking('delete')}>
        Delete…
      </Button>
      <Button size="small" kind="quiet" onClick={onDone}>
        Clear selection
      </Button>
      {asking === 'delete' ? (
        <BulkDelete
          keys={keys}
          onClose={() => setAsking(null)}
          run={async () => after(await bulk(ids, 'delete'), `${plural(ids.length, 'key')} deleted.`)}
        />
      ) : null}
      {asking === 'tier' ? (
        <BulkTier
          keys={keys}
          tiers={tiers}
          onClose={() => setAsking(null)}
          run={async (tier) => after(await bulk(ids, 'tier', tier), `${plural(ids.length, 'key')} moved to ${tier}.`)}
        />
      ) : null}
    </div>
  )
}

function BulkDelete({ keys, onClose, run }: { keys: Key[]; onClose: () => void; run: () => Promise<void> }) {
  const [typed, setTyped] = useState('')
  const word = `delete ${keys.length}`
  return (
    <FormDialog
      title={`Delete ${plural(keys.length, 'key')}?`}
      submit="Delete for good"
      danger
      refused={typed === word ? null : `Type “${word}” first.`}
      onClose={onClose}
      onSubmit={run}
    >
      <p>
        Whoever uses {keys.length === 1 ? 'it' : 'them'} gets 401 at once:{' '}
        {keys
          .slice(0, 5)
          .map((key) => key.name)
          .join(', ')}
        {keys.length > 5 ? ` and ${keys.length - 5} more` : ''}. Deleted keys do not come back; what they used stays in the log and in reports.
        Disabling can be undone.
      </p>
      <TextField label={`Type “${word}” to go on`} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
    </FormDialog>
  )
}

function BulkTier({ keys, tiers, onClose, run }: { keys: Key[]; tiers: Tier[]; onClose: () => void; run: (tier: string) => Promise<void> }) {
  const [tier, setTier] = useState(tiers[0]?.name ?? '')
  const own = keys.filter((key) => key.limitSource === 'key').length
  return (
    <FormDialog title={`Change the tier of ${plural(keys.length, 'key')}`} submit="Change tier" onClose={onClose} onSubmit={() => run(tier)}>
      <SelectField
        label="Tier"
        value={tier}
        onChange={(event) => setTier(event.target.value)}
        options={tiers.map((t) => [t.name, t.title] as const)}
      />
      <p className="secondary">
        {own === 0
          ? 'All of them follow their tier: the new limits are in force at once.'
          : `${plural(own, 'key has', 'keys have')} limits of their own and keep them; the others get the new tier’s at once.`}
      </p>
    </FormDialog>
  )
}
