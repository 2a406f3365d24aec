import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { topQuery } from '../../api/queries'
import type { TopEntry, TopList } from '../../api/types'
import { Link } from '../../app/router'
import { count, duration, share, short } from '../../lib/format'
import type { Range } from '../../lib/time'
import { Bar, Card, Exactness } from '../../ui/bits'
import { KeyName } from '../../ui/names'
import { Await, Empty } from '../../ui/states'
import { TableScroll } from '../../ui/TableScroll'

interface TopListsProps {
  name: string
  rangeAt: (now: number) => Range
  everyMs: number | false
  note: string | null
}

export function TopLists({ name, rangeAt, everyMs, note }: TopListsProps) {
  const keys = useQuery(topQuery(name, 'key', 'requests', 8, rangeAt, {}, everyMs))
  const endpoints = useQuery(topQuery(name, 'endpoint', 'requests', 8, rangeAt, {}, everyMs))
  return (
    <div className="grid-2">
      <TopCard title="Busiest keys" first="Key" note={note} list={keys} name={(entry) => <KeyName id={entry.name} />} more="/explorer?by=key" />
      <TopCard
        title="Busiest routes"
        first="Route"
        note={note}
        list={endpoints}
        name={(entry) => <span className="truncate">{entry.name}</span>}
        more="/explorer?by=route"
      />
    </div>
  )
}

interface TopCardProps {
  title: string
  first: string
  note: string | null
  list: { data: TopList | undefined; error: unknown; refetch: () => unknown }
  name: (entry: TopEntry) => ReactNode
  more: string
}

function TopCard({ title, first, note, list, name, more }: TopCardProps) {
  return (
    <Card
      title={title}
      aside={
        <span className="row">
          {note === null ? null : <span className="muted small">{note}</span>}
          <Exactness exact />
          <Link to={more} className="small" aria-label={`${title}: explore`}>
            Explore
          </Link>
        </span>
      }
    >
      <Await query={list} what={title}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty inline title="No requests in this range" />
          ) : (
            <TableScroll label={title}>
              <table className="table top-table">
                <thead>
                  <tr>
                    <th scope="col">{first}</th>
                    <th scope="col" className="num">
                      Requests
                    </th>
                    <th scope="col" className="wide-only">
                      <span className="visually-hidden">Of the busiest</span>
                    </th>
                    <th scope="col" className="num">
                      Limited
                    </th>
                    <th scope="col" className="num wide-only">
                      Errors
                    </th>
                    <th scope="col" className="num">
                      p99
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {data.map((entry) => (
                    <tr key={entry.name}>
                      <td className="clip">{name(entry)}</td>
                      <td className="num" title={count(entry.requests)}>
                        {short(entry.requests)}
                      </td>
                      <td className="wide-only bar-column">
                        <Bar part={entry.requests} of={data[0]?.requests ?? 0} />
                      </td>
                      <td className="num" title={count(entry.rateLimited)}>
                        {share(entry.rateLimited, entry.requests)}
                      </td>
                      <td className="num wide-only" title={count(entry.errors)}>
                        {share(entry.errors, entry.requests)}
                      </td>
                      <td className="num" title="± 1.1 %">
                        {duration(entry.latencyMs.p99)}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableScroll>
          )
        }
      </Await>
    </Card>
  )
}
