import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, type ReactNode } from 'react'
import { get } from '../../api/client'
import { routesQuery, tiersQuery } from '../../api/queries'
import type { RequestPage } from '../../api/types'
import { setParams, useParam, useSearch } from '../../app/router'
import { count } from '../../lib/format'
import { loggedOutcome } from '../../lib/outcome'
import { query } from '../../lib/url'
import { Button } from '../../ui/Button'
import { Badge, PageHead } from '../../ui/bits'
import { FilterSelect } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import { Menu } from '../../ui/Menu'
import { KeyName } from '../../ui/names'
import { RangePicker, useRange } from '../../ui/RangePicker'
import { SavedViews } from '../../ui/SavedViews'
import { Empty, Failed, Loading, Notice } from '../../ui/states'
import { describe, filterNames, isEmpty, readFilter, type Filter } from './filter'
import { RequestTable } from './RequestTable'
import { Tail } from './Tail'
import { Why } from './Why'

export default function RequestsPage() {
  const filter = readFilter(useSearch())
  const [mode, setMode] = useParam('mode')
  const [open] = useParam('id')
  const range = useRange('1h')
  const tailing = mode === 'tail'
  return (
    <>
      <PageHead title="Requests" note="Every request in the log, one by one. Open one to see why it was answered as it was.">
        <Button size="small" aria-pressed={tailing} onClick={() => setMode(tailing ? '' : 'tail')}>
          <Icon name="play" size={12} />
          Live tail
        </Button>
        <SavedViews place="requests" suggested={isEmpty(filter) ? 'All requests' : describe(filter)} />
        <Downloads filter={filter} range={range.rangeAt} />
      </PageHead>
      <div className="card">
        <Filters filter={filter}>{tailing ? null : <RangePicker value={range.text} />}</Filters>
        {tailing ? <Tail filter={filter} openId={open} /> : <Search filter={filter} rangeText={range.text} rangeAt={range.rangeAt} openId={open} />}
      </div>
      <Why id={open} onClose={() => setParams({ id: null })} />
    </>
  )
}

const statuses: [string, string][] = [
  ['', 'Any status'],
  ['2xx', '2xx'],
  ['3xx', '3xx'],
  ['4xx', '4xx'],
  ['401', '401'],
  ['403', '403'],
  ['404', '404'],
  ['429', '429'],
  ['5xx', '5xx'],
  ['502', '502'],
  ['503', '503'],
  ['504', '504'],
  ['0', 'No answer'],
]
const methods: [string, string][] = [
  ['', 'Any method'],
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((m) => [m, m] as [string, string]),
]
const outcomeOptions: [string, string][] = [
  ['', 'Any outcome'],
  ...Object.entries(loggedOutcome).map(([name, { label }]) => [name, label] as [string, string]),
]

function Filters({ filter, children }: { filter: Filter; children: ReactNode }) {
  const tiers = useQuery(tiersQuery()).data ?? []
  const routes = useQuery(routesQuery()).data ?? []
  const set = (name: keyof Filter) => (value: string) => setParams({ [name]: value, id: null })
  return (
    <div className="filters body">
      <FilterSelect label="Outcome" value={filter.outcome} onChange={set('outcome')} options={outcomeOptions} />
      <FilterSelect label="Status" value={filter.status} onChange={set('status')} options={statuses} />
      <FilterSelect label="Method" value={filter.method} onChange={set('method')} options={methods} />
      <FilterSelect
        label="Route"
        value={filter.route}
        onChange={set('route')}
        options={[['', 'Any route'], ...routes.map((r) => [r.name, r.name] as [string, string]), ['none', 'No route']]}
      />
      <FilterSelect
        label="Tier"
        value={filter.tier}
        onChange={set('tier')}
        options={[['', 'Any tier'], ...tiers.map((t) => [t.name, t.title] as [string, string]), ['none', 'No tier']]}
      />
      <TextFilter label="Key id" placeholder="Key id" value={filter.key} onChange={set('key')} />
      <TextFilter label="Consumer" placeholder="Consumer" value={filter.consumer} onChange={set('consumer')} />
      <TextFilter label="Client address" placeholder="Client address" value={filter.client} onChange={set('client')} />
      {filter.key !== '' && filter.key !== 'none' ? (
        <Badge tone="accent">
          <KeyName id={filter.key} link={false} />
        </Badge>
      ) : null}
      {children}
      {isEmpty(filter) ? null : (
        <Button kind="quiet" size="small" onClick={() => setParams(Object.fromEntries(filterNames.map((name) => [name, null])))}>
          Clear
        </Button>
      )}
    </div>
  )
}

function TextFilter({
  label,
  placeholder,
  value,
  onChange,
}: {
  label: string
  placeholder: string
  value: string
  onChange: (value: string) => void
}) {
  return (
    <input
      type="search"
      className="input compact"
      size={12}
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.target.value.trim())}
    />
  )
}

interface SearchProps {
  filter: Filter
  rangeText: string
  rangeAt: (now: number) => { from: number; to: number }
  openId: string
}

function Search({ filter, rangeText, rangeAt, openId }: SearchProps) {
  const list = useInfiniteQuery({
    queryKey: ['requests', 'search', filter, rangeText],
    queryFn: ({ pageParam, signal }) => get<RequestPage>(`/api/analytics/requests${query({ ...filter, ...pageParam, limit: 200 })}`, signal),
    // The range is fixed when the first page is asked for, so that the pages after it belong to the same question.
    initialPageParam: bounds(rangeAt),
    getNextPageParam: (page, _all, asked) => (page.nextCursor === null ? null : { ...asked, cursor: page.nextCursor }),
    staleTime: 30_000,
  })
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data])
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  if (list.data === undefined)
    return list.error ? <Failed error={list.error} what="The request log" retry={() => void list.refetch()} /> : <Loading rows={10} />
  if (rows.length === 0)
    return (
      <Empty icon="search" title="No request fits">
        Widen the range, or take a filter away. What is searched is the log itself: what is not here did not happen.
      </Empty>
    )
  const whole = list.data.pages.every((page) => page.exact)
  return (
    <>
      {whole ? null : (
        <div className="body">
          <Notice tone="warn">
            Part of the log is damaged and was left out. <code>tollgate log verify</code> says which.
          </Notice>
        </div>
      )}
      <RequestTable
        rows={rows}
        openId={openId}
        onEnd={more}
        footer={
          <p className="muted small body row between">
            <span>
              {count(rows.length)} shown{hasNextPage ? ', more as you scroll' : ', that is all of them'}
            </span>
            <button type="button" className="link-button" onClick={() => void list.refetch()}>
              Look again
            </button>
          </p>
        }
      />
    </>
  )
}

function bounds(rangeAt: (now: number) => { from: number; to: number }): { from: string; to: string; cursor?: string } {
  const range = rangeAt(Date.now())
  return { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString() }
}

function Downloads({ filter, range }: { filter: Filter; range: (now: number) => { from: number; to: number } }) {
  const fetchFile = (type: 'csv' | 'ndjson') => {
    // A link, not a fetch: a file of any size goes to disk without passing through the page.
    const link = document.createElement('a')
    link.href = `/api/analytics/export.${type}${query({ ...filter, ...bounds(range) })}`
    link.download = `requests.${type}`
    link.click()
  }
  return (
    <Menu
      label="Download"
      triggerClass="button small"
      trigger={
        <>
          <Icon name="down" size={14} /> Download
        </>
      }
      actions={[
        { label: 'All that fit, as CSV', run: () => fetchFile('csv') },
        { label: 'All that fit, as JSON lines', run: () => fetchFile('ndjson') },
      ]}
    />
  )
}
