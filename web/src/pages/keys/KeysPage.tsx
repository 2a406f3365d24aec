import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { RowSelectionState } from '@tanstack/react-table'
import { useCallback, useMemo, useState } from 'react'
import { get } from '../../api/client'
import { tiersQuery } from '../../api/queries'
import type { Page } from '../../api/types'
import { navigate, setParams, useParam } from '../../app/router'
import { useMay } from '../../app/session'
import { count, plural } from '../../lib/format'
import { Button, needs } from '../../ui/Button'
import { PageHead, useSettled } from '../../ui/bits'
import { FilterSelect } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import { Empty, Failed, Loading } from '../../ui/states'
import { VirtualTable, type Sorting } from '../../ui/VirtualTable'
import { BulkBar } from './BulkBar'
import { CreateKey } from './CreateKey'
import { keyColumns } from './columns'
import { keysQuery } from './keysQuery'
import './keys.css'

const sortable = ['name', 'tier', 'consumer', 'createdAt', 'expiresAt']

export default function KeysPage() {
  const [search, setSearch] = useParam('search')
  const [tier, setTier] = useParam('tier')
  const [status, setStatus] = useParam('status')
  const [consumer, setConsumer] = useParam('consumer')
  const [sort] = useParam('sort')
  const [order] = useParam('order')
  const [creating, setCreating] = useParam('new')
  const [selection, setSelection] = useState<RowSelectionState>({})
  const mayWrite = useMay('operator')
  const settled = useSettled(search)
  const list = useInfiniteQuery(keysQuery({ search: settled, tier, status, consumer, sort, order }))
  const tiers = useQuery(tiersQuery())
  const consumers = useQuery({
    queryKey: ['consumers'],
    queryFn: ({ signal }) => get<Page<{ name: string; keys: number }>>('/api/admin/consumers', signal).then((p) => p.data),
    retry: false,
    staleTime: 30_000,
  })
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data])
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const total = list.data?.pages[0]?.total ?? null
  const filtered = search + tier + status + consumer !== ''
  const chosen = useMemo(() => rows.filter((row) => selection[row.id] === true), [rows, selection])
  const columns = useMemo(() => {
    const toggle = () => setSelection(chosen.length === rows.length ? {} : Object.fromEntries(rows.map((row) => [row.id, true])))
    return keyColumns(mayWrite ? { chosen: chosen.length, loaded: rows.length, toggle } : null)
  }, [mayWrite, chosen.length, rows])
  const sorting: Sorting | null = sort === '' ? null : { by: sort, descending: order === 'desc' }
  return (
    <>
      <PageHead title="Keys" note={howMany(rows.length, total, hasNextPage, filtered)}>
        <Button kind="primary" refused={needs(mayWrite, 'operator')} onClick={() => setCreating('1')}>
          <Icon name="plus" size={14} />
          New key
        </Button>
      </PageHead>
      <div className="card">
        <div className="filters body">
          <input
            type="search"
            className="input compact grow"
            aria-label="Search keys"
            placeholder="Name, prefix, last 4 or consumer"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
          <FilterSelect
            label="State"
            value={status}
            onChange={setStatus}
            options={[
              ['', 'Any state'],
              ['active', 'Active'],
              ['disabled', 'Disabled'],
            ]}
          />
          <FilterSelect
            label="Tier"
            value={tier}
            onChange={setTier}
            options={[['', 'Any tier'], ...(tiers.data ?? []).map((t) => [t.name, t.title] as [string, string])]}
          />
          {consumers.data === undefined ? null : (
            <FilterSelect
              label="Consumer"
              value={consumer}
              onChange={setConsumer}
              options={[['', 'Any consumer'], ...consumers.data.map((c) => [c.name, `${c.name} (${count(c.keys)})`] as [string, string])]}
            />
          )}
          {filtered ? (
            <Button kind="quiet" size="small" onClick={() => setParams({ search: null, tier: null, status: null, consumer: null })}>
              Clear
            </Button>
          ) : null}
        </div>
        {chosen.length > 0 ? <BulkBar keys={chosen} tiers={tiers.data ?? []} onDone={() => setSelection({})} /> : null}
        {list.data === undefined ? (
          list.error ? (
            <Failed error={list.error} what="The list of keys" retry={() => void list.refetch()} />
          ) : (
            <Loading rows={8} />
          )
        ) : rows.length === 0 ? (
          <NoKeys filtered={filtered} onNew={() => setCreating('1')} mayWrite={mayWrite} />
        ) : (
          <VirtualTable
            label="Keys"
            rows={rows}
            columns={columns}
            rowId={(key) => key.id}
            onOpen={(key) => navigate(`/keys/${encodeURIComponent(key.id)}`)}
            selection={selection}
            {...(mayWrite ? { onSelection: setSelection } : {})}
            sorting={sorting}
            sortable={sortable}
            onSort={(next) => setParams({ sort: next?.by ?? null, order: next === null ? null : next.descending ? 'desc' : 'asc' })}
            onEnd={more}
            total={total}
            tall
            above={chosen.length > 0 ? 232 : 186}
          />
        )}
      </div>
      {creating === '1' ? <CreateKey tiers={tiers.data ?? []} onClose={() => setCreating('')} /> : null}
    </>
  )
}

function howMany(loaded: number, total: number | null, more: boolean, filtered: boolean): string {
  const found = filtered ? ' found' : ''
  if (total !== null) return `${plural(total, 'key')}${found}`
  return more ? `${count(loaded)} keys loaded, more as you scroll` : `${plural(loaded, 'key')}${found}`
}

function NoKeys({ filtered, onNew, mayWrite }: { filtered: boolean; onNew: () => void; mayWrite: boolean }) {
  if (filtered)
    return (
      <Empty icon="search" title="No key fits">
        Search looks at names, prefixes, the last four characters and consumers.
      </Empty>
    )
  return (
    <Empty
      icon="key"
      title="No keys yet"
      action={
        <Button kind="primary" refused={needs(mayWrite, 'operator')} onClick={onNew}>
          Make the first key
        </Button>
      }
    >
      A key says who is calling and what their limits are. Its text is shown once.
    </Empty>
  )
}
