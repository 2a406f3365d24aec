import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo, type ReactNode } from 'react'
import { get } from '../../api/client'
import type { UsageReport } from '../../api/types'
import { setParams, useParam } from '../../app/router'
import { bytes, count, plural } from '../../lib/format'
import { monthName, recentMonths } from '../../lib/time'
import { query } from '../../lib/url'
import { Button } from '../../ui/Button'
import { Badge, Exactness, PageHead } from '../../ui/bits'
import { FilterSelect, Segmented } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import { KeyName } from '../../ui/names'
import { Empty, Failed, Loading } from '../../ui/states'
import { TableScroll } from '../../ui/TableScroll'
import './reports.css'

type By = 'key' | 'consumer' | 'tier'

export default function ReportsPage() {
  const [byText] = useParam('by', 'consumer')
  const [month] = useParam('month', recentMonths(Date.now(), 1)[0])
  const by: By = byText === 'key' || byText === 'tier' ? byText : 'consumer'
  const report = useInfiniteQuery({
    queryKey: ['report', by, month],
    queryFn: ({ pageParam, signal }) => get<UsageReport>(`/api/analytics/usage${query({ by, month, limit: 500, cursor: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  })
  const rows = useMemo(() => report.data?.pages.flatMap((page) => page.data) ?? [], [report.data])
  const first = report.data?.pages[0]
  const { hasNextPage, fetchNextPage, isFetchingNextPage } = report
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage])
  const running = first !== undefined && Date.parse(first.to) > Date.now()
  return (
    <>
      <PageHead
        title={`Usage in ${monthName(month)}`}
        note={<>Months are those of UTC. {running ? 'This one is still running: its figures grow.' : 'This one is over: its figures stay.'}</>}
      >
        <Segmented
          label="By"
          value={by}
          onChange={(next) => setParams({ by: next })}
          options={[
            ['consumer', 'Consumers'],
            ['key', 'Keys'],
            ['tier', 'Tiers'],
          ]}
        />
        <FilterSelect
          label="Month"
          value={month}
          onChange={(next) => setParams({ month: next })}
          options={recentMonths(Date.now(), 24).map((m) => [m, monthName(m)] as const)}
        />
        <a className="button small" href={`/api/analytics/usage${query({ by, month, format: 'csv' })}`} download={`usage-${month}-by-${by}.csv`}>
          <Icon name="down" size={14} /> CSV
        </a>
        <Button size="small" onClick={() => window.print()}>
          Print
        </Button>
      </PageHead>
      <section className="card report" aria-label="Report">
        {first === undefined ? (
          report.error ? (
            <Failed error={report.error} what="The report" retry={() => void report.refetch()} />
          ) : (
            <Loading rows={8} />
          )
        ) : rows.length === 0 ? (
          <Empty icon="reports" title="Nothing was used in this month" />
        ) : (
          <TableScroll label="Usage">
            <table className="table">
              <caption className="report-caption">
                {plural(rows.length, by)}
                {hasNextPage ? ' so far' : ''} <Exactness exact /> {running ? <Badge icon="clock">still running</Badge> : null}
              </caption>
              <thead>
                <tr>
                  <th scope="col">{by === 'key' ? 'Key' : by === 'tier' ? 'Tier' : 'Consumer'}</th>
                  <th scope="col" className="num">
                    Requests
                  </th>
                  <th scope="col" className="num">
                    Let through
                  </th>
                  <th scope="col" className="num">
                    Limited
                  </th>
                  <th scope="col" className="num">
                    Errors
                  </th>
                  <th scope="col" className="num">
                    Tokens
                  </th>
                  <th scope="col" className="num">
                    Received
                  </th>
                  <th scope="col" className="num">
                    Sent
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <Row
                    key={row.name}
                    name={
                      by === 'key' ? (
                        <KeyName id={row.name ?? 'none'} />
                      ) : row.name === 'none' ? (
                        <span className="muted">{`no ${by}`}</span>
                      ) : (
                        row.name
                      )
                    }
                    of={row}
                  />
                ))}
              </tbody>
              <tfoot>
                <Row name="All" of={first.total} />
              </tfoot>
            </table>
          </TableScroll>
        )}
        {hasNextPage ? (
          <p className="body">
            <Button busy={isFetchingNextPage} onClick={more}>
              More
            </Button>
          </p>
        ) : null}
      </section>
    </>
  )
}

function Row({ name, of }: { name: ReactNode; of: UsageReport['total'] }) {
  return (
    <tr>
      <td className="clip">{name}</td>
      <td className="num">{count(of.requests)}</td>
      <td className="num">{count(of.allowed)}</td>
      <td className="num">{count(of.rateLimited)}</td>
      <td className="num">{count(of.errors)}</td>
      <td className="num">{count(of.cost)}</td>
      <td className="num">{bytes(of.bytesIn)}</td>
      <td className="num">{bytes(of.bytesOut)}</td>
    </tr>
  )
}
