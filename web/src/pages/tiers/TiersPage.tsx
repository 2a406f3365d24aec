import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { tiersQuery } from '../../api/queries'
import type { Tier } from '../../api/types'
import { Link } from '../../app/router'
import { useMay } from '../../app/session'
import { limitInWords } from '../../lib/limits'
import { Button, needs } from '../../ui/Button'
import { Badge, Card, PageHead, Time } from '../../ui/bits'
import { Icon } from '../../ui/Icon'
import { BucketSketch } from '../../ui/limits'
import { Await } from '../../ui/states'
import { CreateTier, DeleteTier, EditTier } from './edit'
import { keysOfTierQuery, reach } from './keysOfTier'
import { RouteLimits } from './RouteLimits'
import './tiers.css'

export default function TiersPage() {
  const tiers = useQuery(tiersQuery())
  const mayWrite = useMay('admin')
  const [creating, setCreating] = useState(false)
  return (
    <>
      <PageHead title="Tiers and limits" note="A tier is the limit of every key that has none of its own. Change it, and all of them change at once.">
        <Button kind="primary" refused={needs(mayWrite, 'admin')} onClick={() => setCreating(true)}>
          <Icon name="plus" size={14} />
          New tier
        </Button>
      </PageHead>
      <Await query={tiers} what="Tiers" inline={false}>
        {(data) => (
          <div className="tier-grid">
            {data.map((tier) => (
              <TierCard key={tier.name} tier={tier} mayWrite={mayWrite} />
            ))}
          </div>
        )}
      </Await>
      <RouteLimits />
      {creating ? <CreateTier onClose={() => setCreating(false)} /> : null}
    </>
  )
}

function TierCard({ tier, mayWrite }: { tier: Tier; mayWrite: boolean }) {
  const [asking, setAsking] = useState<'edit' | 'delete' | null>(null)
  const keys = useQuery(keysOfTierQuery(tier.name))
  return (
    <Card
      title={
        <span className="row">
          {tier.title} {tier.title.toLowerCase() === tier.name ? null : <code className="muted">{tier.name}</code>}{' '}
          {tier.builtIn ? <Badge>built in</Badge> : null}
        </span>
      }
      aside={
        <span className="row">
          {tier.builtIn ? null : (
            <Button size="small" kind="danger" refused={needs(mayWrite, 'admin')} onClick={() => setAsking('delete')}>
              Delete…
            </Button>
          )}
          <Button size="small" aria-label={`Edit ${tier.title}`} refused={needs(mayWrite, 'admin')} onClick={() => setAsking('edit')}>
            Edit
          </Button>
        </span>
      }
    >
      <div className="body stack">
        <p className="limit-sentence">{limitInWords(tier)}</p>
        <BucketSketch bucket={tier} />
        <p className="secondary row between small">
          <Link to={`/keys?tier=${encodeURIComponent(tier.name)}`}>{keys.data === undefined ? 'Its keys' : reach(keys.data)}</Link>
          <span className="muted">
            changed <Time at={tier.updatedAt} relative />
          </span>
        </p>
      </div>
      {asking === 'edit' ? <EditTier tier={tier} onClose={() => setAsking(null)} /> : null}
      {asking === 'delete' ? <DeleteTier tier={tier} onClose={() => setAsking(null)} /> : null}
    </Card>
  )
}
