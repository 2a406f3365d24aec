import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, idempotencyKey } from '../../api/client'
import { keyQuery } from '../../api/queries'
import type { Key, NewKey } from '../../api/types'
import type { PageProps } from '../../app/pages'
import { Link, navigate } from '../../app/router'
import { useMay } from '../../app/session'
import { Button, needs } from '../../ui/Button'
import { Card, PageHead, Time } from '../../ui/bits'
import { problemText } from '../../ui/Dialog'
import { Icon } from '../../ui/Icon'
import { Menu } from '../../ui/Menu'
import { Await, Notice } from '../../ui/states'
import { toast, toastBad } from '../../ui/Toast'
import { AuditOf } from '../../ui/AuditOf'
import { KeyHint, KeyPhaseBadge } from './columns'
import { NewSecret } from './CreateKey'
import { DeleteKey, DisableKey, RotateKey } from './dangerous'
import { EditKey } from './EditKey'
import { EffectiveLimits } from './EffectiveLimits'
import { Level } from './Level'
import { Overrides } from './Overrides'
import { KeyUsage, RecentRequests, RefusalsByLimit } from './usage'
import './keys.css'

export default function KeyPage({ params }: PageProps) {
  const id = params.id ?? ''
  const key = useQuery(keyQuery(id))
  return (
    <>
      <nav aria-label="Path" className="small">
        <Link to="/keys">← Keys</Link>
      </nav>
      <Await query={key} what="This key" inline={false} rows={8}>
        {({ data, etag }) => <KeyDetails of={data} etag={etag} />}
      </Await>
    </>
  )
}

type Asking = 'edit' | 'rotate' | 'disable' | 'delete' | null

function KeyDetails({ of, etag }: { of: Key; etag: string | null }) {
  const client = useQueryClient()
  const mayWrite = useMay('operator')
  const [asking, setAsking] = useState<Asking>(null)
  const [secret, setSecret] = useState<NewKey | null>(null)
  const path = `/api/admin/keys/${encodeURIComponent(of.id)}`
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['key', of.id] }),
      client.invalidateQueries({ queryKey: ['keys'] }),
      client.invalidateQueries({ queryKey: ['audit'] }),
    ])
  const act = async (what: 'enable' | 'reset', said: string) => {
    try {
      await call(`${path}/${what}`, { method: 'POST', idempotencyKey: idempotencyKey() })
      await refresh()
      toast(said)
    } catch (error) {
      toastBad(problemText(error))
    }
  }
  const close = () => setAsking(null)
  return (
    <>
      <PageHead
        title={
          <span className="row wrap">
            {of.name} <KeyPhaseBadge of={of} />
          </span>
        }
        note={<KeyHint of={of} />}
      >
        <Button refused={needs(mayWrite, 'operator')} onClick={() => setAsking('edit')}>
          Edit
        </Button>
        <Button refused={needs(mayWrite, 'operator')} onClick={() => setAsking('rotate')}>
          Rotate…
        </Button>
        {of.status === 'active' ? (
          <Button refused={needs(mayWrite, 'operator')} onClick={() => setAsking('disable')}>
            Disable…
          </Button>
        ) : (
          <Button refused={needs(mayWrite, 'operator')} onClick={() => void act('enable', `“${of.name}” is accepted again.`)}>
            Enable
          </Button>
        )}
        <Menu
          label="More actions"
          trigger={<Icon name="more" />}
          actions={[
            { label: 'Fill its bucket', icon: 'up', disabled: !mayWrite, run: () => void act('reset', 'Its bucket is full.') },
            { label: 'Delete…', icon: 'close', danger: true, disabled: !mayWrite, run: () => setAsking('delete') },
          ]}
        />
      </PageHead>
      {of.oldSecretValidUntil === null || Date.parse(of.oldSecretValidUntil) < Date.now() ? null : (
        <Notice tone="warn">
          It was rotated: the old text works until <Time at={of.oldSecretValidUntil} /> (<Time at={of.oldSecretValidUntil} relative />
          ), then it gets 401. Both count against the same limits.
        </Notice>
      )}
      <div className="key-grid">
        <div className="stack">
          <KeyUsage id={of.id} />
          <RefusalsByLimit id={of.id} />
          <RecentRequests id={of.id} />
        </div>
        <div className="stack">
          <Level of={of} />
          <EffectiveLimits id={of.id} />
          <Overrides of={of} mayWrite={mayWrite} />
          <Card title="About">
            <dl className="facts body">
              <dt>Id</dt>
              <dd className="mono">{of.id}</dd>
              <dt>Consumer</dt>
              <dd>{of.consumer ?? <span className="muted">none</span>}</dd>
              <dt>Tier</dt>
              <dd>{of.tier}</dd>
              <dt>Expires</dt>
              <dd>{of.expiresAt === null ? 'never' : <Time at={of.expiresAt} />}</dd>
              <dt>Made</dt>
              <dd>
                <Time at={of.createdAt} />
              </dd>
              <dt>Changed</dt>
              <dd>
                <Time at={of.updatedAt} />
              </dd>
            </dl>
          </Card>
          <AuditOf object={`key:${of.id}`} />
        </div>
      </div>
      {asking === 'edit' ? <EditKey of={of} etag={etag} onClose={close} onSaved={refresh} /> : null}
      {asking === 'rotate' ? <RotateKey of={of} etag={etag} onClose={close} onDone={(made) => (close(), setSecret(made), void refresh())} /> : null}
      {asking === 'disable' ? (
        <DisableKey
          of={of}
          onClose={close}
          onDone={async () => (
            await refresh(),
            close(),
            toast(`“${of.name}” is disabled.`, { label: 'Undo', run: () => void act('enable', 'Enabled again.') })
          )}
        />
      ) : null}
      {asking === 'delete' ? (
        <DeleteKey
          of={of}
          etag={etag}
          onClose={close}
          onDone={async () => (
            navigate('/keys'),
            toast(`“${of.name}” is deleted.`),
            client.removeQueries({ queryKey: ['key', of.id] }),
            await client.invalidateQueries({ queryKey: ['keys'] })
          )}
        />
      ) : null}
      {secret === null ? null : <NewSecret made={secret} title="The new text" onClose={() => setSecret(null)} />}
    </>
  )
}
