import type { Key } from '../../api/types'
import { Link } from '../../app/router'
import { limitInWords } from '../../lib/limits'
import { Badge, Time } from '../../ui/bits'
import type { Column } from '../../ui/VirtualTable'
import { phaseOf, type KeyPhase } from './keysQuery'

export function KeyPhaseBadge({ of }: { of: Pick<Key, 'status' | 'expiresAt'> }) {
  const phase: KeyPhase = phaseOf(of, Date.now())
  if (phase === 'active')
    return (
      <Badge tone="good" icon="check">
        Active
      </Badge>
    )
  if (phase === 'expiring')
    return (
      <Badge tone="warn" icon="clock">
        Expires soon
      </Badge>
    )
  if (phase === 'expired')
    return (
      <Badge tone="bad" icon="clock">
        Expired
      </Badge>
    )
  return <Badge icon="stop">Disabled</Badge>
}

/** What of a key's text may be seen: enough to tell which one somebody holds. */
export function KeyHint({ of }: { of: Pick<Key, 'prefix' | 'id' | 'last4'> }) {
  return <code className="muted key-hint">{`${of.prefix}_${of.id}_…${of.last4}`}</code>
}

export interface SelectAll {
  chosen: number
  loaded: number
  toggle: () => void
}

/** With boxes to select keys where there is something to do with a selection. */
export function keyColumns(select: SelectAll | null): Column<Key>[] {
  const columns: Column<Key>[] = [
    {
      id: 'name',
      header: 'Name',
      meta: { className: 'key-name' },
      cell: ({ row }) => (
        <span className="two-lines">
          <Link to={`/keys/${encodeURIComponent(row.original.id)}`} className="strong truncate" title={row.original.name}>
            {row.original.name}
          </Link>
          <KeyHint of={row.original} />
        </span>
      ),
    },
    { id: 'consumer', header: 'Consumer', meta: { className: 'clip' }, cell: ({ row }) => row.original.consumer ?? <span className="muted">–</span> },
    { id: 'tier', header: 'Tier', cell: ({ row }) => row.original.tier },
    {
      id: 'limit',
      header: 'Limit',
      cell: ({ row }) => (
        <>
          {limitInWords(row.original)} {row.original.limitSource === 'key' ? <Badge tone="accent">own</Badge> : null}
        </>
      ),
    },
    { id: 'status', header: 'State', cell: ({ row }) => <KeyPhaseBadge of={row.original} /> },
    {
      id: 'expiresAt',
      header: 'Expires',
      cell: ({ row }) => (row.original.expiresAt === null ? <span className="muted">never</span> : <Time at={row.original.expiresAt} relative />),
    },
    { id: 'createdAt', header: 'Made', cell: ({ row }) => <Time at={row.original.createdAt} relative /> },
  ]
  if (select === null) return columns
  return [
    {
      id: 'select',
      header: () => (
        <input
          type="checkbox"
          aria-label="Select all that are loaded"
          checked={select.chosen > 0 && select.chosen === select.loaded}
          ref={(box) => {
            if (box !== null) box.indeterminate = select.chosen > 0 && select.chosen < select.loaded
          }}
          onChange={select.toggle}
        />
      ),
      cell: ({ row }) => (
        <input type="checkbox" aria-label={`Select ${row.original.name}`} checked={row.getIsSelected()} onChange={row.getToggleSelectedHandler()} />
      ),
    },
    ...columns,
  ]
}
