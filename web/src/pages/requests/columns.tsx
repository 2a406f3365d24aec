import type { LoggedRequest } from '../../api/types'
import { setParams } from '../../app/router'
import { bytes, duration } from '../../lib/format'
import { OutcomeBadge, StatusCode, Time } from '../../ui/bits'
import { KeyName } from '../../ui/names'
import type { Column } from '../../ui/VirtualTable'

export const requestColumns: Column<LoggedRequest>[] = [
  { id: 'time', header: 'Time', cell: ({ row }) => <Time at={row.original.time} /> },
  { id: 'outcome', header: 'Outcome', cell: ({ row }) => <OutcomeBadge outcome={row.original.outcome} /> },
  { id: 'status', header: 'Status', cell: ({ row }) => <StatusCode status={row.original.status} /> },
  {
    id: 'request',
    header: 'Request',
    cell: ({ row }) => (
      <span className="nowrap">
        <span className="mono">{row.original.method}</span> {row.original.route ?? <span className="muted">no route</span>}
      </span>
    ),
  },
  { id: 'key', header: 'Key', meta: { className: 'clip' }, cell: ({ row }) => <KeyName id={row.original.key} /> },
  { id: 'tier', header: 'Tier', meta: { wideOnly: true }, cell: ({ row }) => row.original.tier ?? <span className="muted">–</span> },
  { id: 'refusedBy', header: 'Refused by', cell: ({ row }) => row.original.refusedBy ?? <span className="muted">–</span> },
  { id: 'client', header: 'Client', meta: { wideOnly: true }, cell: ({ row }) => <span className="mono">{row.original.client ?? '–'}</span> },
  { id: 'latency', header: 'Latency', meta: { numeric: true }, cell: ({ row }) => duration(row.original.latencyMs) },
  { id: 'bytes', header: 'Sent', meta: { numeric: true, wideOnly: true }, cell: ({ row }) => bytes(row.original.bytesOut) },
  {
    id: 'why',
    header: () => <span className="visually-hidden">Explain</span>,
    cell: ({ row }) => (
      <button
        type="button"
        className="button small"
        aria-label={`Why ${row.original.status} at ${row.original.time}`}
        onClick={() => setParams({ id: row.original.id }, { push: true })}
      >
        Why?
      </button>
    ),
  },
]
