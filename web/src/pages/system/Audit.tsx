import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { get } from '../../api/client'
import type { AuditEntry, AuditVerdict, Page } from '../../api/types'
import { setParams, useParam } from '../../app/router'
import { count, plural } from '../../lib/format'
import { query } from '../../lib/url'
import { Button } from '../../ui/Button'
import { Badge, Card, Time, useSettled } from '../../ui/bits'
import { Drawer } from '../../ui/Dialog'
import { Icon } from '../../ui/Icon'
import { Empty, Failed, Loading, Notice } from '../../ui/states'
import { changesBetween } from './changes'
import { TableScroll } from '../../ui/TableScroll'

export default function Audit() {
  const [actor] = useParam('actor')
  const [action] = useParam('action')
  const [object] = useParam('object')
  const [openSeq] = useParam('seq')
  const filter = useSettled(`${actor}\n${action}\n${object}`).split('\n')
  const asked = { actor: filter[0], action: filter[1], object: filter[2] }
  const list = useInfiniteQuery({
    queryKey: ['audit', 'list', asked],
    queryFn: ({ pageParam, signal }) => get<Page<AuditEntry>>(`/api/admin/audit${query({ ...asked, limit: 100, cursor: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    retry: false,
  })
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data])
  const open = rows.find((entry) => String(entry.seq) === openSeq)
  return (
    <>
      <Card
        title="Audit"
        aside={
          <span className="row wrap">
            <Verify />
            <a className="button small" href={`/api/admin/audit/export.ndjson`} download="audit.ndjson">
              <Icon name="down" size={14} /> Export
            </a>
          </span>
        }
      >
        <div className="filters body">
          <input
            type="search"
            className="input compact grow"
            aria-label="Who"
            placeholder="Who: a user’s name"
            value={actor}
            onChange={(event) => setParams({ actor: event.target.value })}
          />
          <input
            type="search"
            className="input compact grow"
            aria-label="Did what"
            placeholder="Did what: key, or key.create"
            value={action}
            onChange={(event) => setParams({ action: event.target.value })}
          />
          <input
            type="search"
            className="input compact grow"
            aria-label="To what"
            placeholder="To what: key, or key:AbCdEfGhIj"
            value={object}
            onChange={(event) => setParams({ object: event.target.value })}
          />
        </div>
        {list.data === undefined ? (
          list.error ? (
            <Failed error={list.error} what="The audit" retry={() => void list.refetch()} />
          ) : (
            <Loading rows={8} />
          )
        ) : rows.length === 0 ? (
          <Empty inline title="No entry fits" />
        ) : (
          <TableScroll label="Audit">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col" className="num">
                    No.
                  </th>
                  <th scope="col">Time</th>
                  <th scope="col">Who</th>
                  <th scope="col">Did what</th>
                  <th scope="col">To what</th>
                  <th scope="col">Reason</th>
                  <th scope="col" className="wide-only">
                    From
                  </th>
                  <th scope="col">
                    <span className="visually-hidden">Open</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((entry) => (
                  <tr key={entry.seq}>
                    <td className="num muted">{count(entry.seq)}</td>
                    <td>
                      <Time at={entry.time} />
                    </td>
                    <td className="strong">{entry.actor || <span className="muted">unknown</span>}</td>
                    <td>
                      <code>{entry.action}</code>
                    </td>
                    <td className="clip">{entry.object}</td>
                    <td className="clip">{entry.reason || <span className="muted">–</span>}</td>
                    <td className="wide-only mono small">{entry.network || '–'}</td>
                    <td className="num">
                      <Button
                        size="small"
                        aria-label={`Open entry ${entry.seq}`}
                        onClick={() => setParams({ seq: String(entry.seq) }, { push: true })}
                      >
                        Open
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        )}
        {list.hasNextPage ? (
          <p className="body">
            <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Earlier ones
            </Button>
          </p>
        ) : null}
      </Card>
      <Drawer title={open === undefined ? 'Entry' : `Entry ${count(open.seq)}`} open={open !== undefined} onClose={() => setParams({ seq: null })}>
        {open === undefined ? null : <Entry of={open} />}
      </Drawer>
    </>
  )
}

function Entry({ of }: { of: AuditEntry }) {
  const changes = changesBetween(of.before, of.after)
  return (
    <>
      <dl className="facts">
        <dt>Time</dt>
        <dd>
          <Time at={of.time} />
        </dd>
        <dt>Who</dt>
        <dd>
          {of.actor || 'somebody unknown'}{' '}
          <span className="muted">
            by {of.via}
            {of.network === '' ? '' : ` from ${of.network}`}
          </span>
        </dd>
        <dt>Did what</dt>
        <dd>
          <code>{of.action}</code>
        </dd>
        <dt>To what</dt>
        <dd>{of.object}</dd>
        <dt>Reason</dt>
        <dd>{of.reason || <span className="muted">none given</span>}</dd>
        <dt>Hash</dt>
        <dd className="mono small">{of.hash}</dd>
      </dl>
      {changes.length === 0 ? (
        <p className="muted">Nothing was changed by it.</p>
      ) : (
        <TableScroll label="What it changed">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Before</th>
                <th scope="col">After</th>
              </tr>
            </thead>
            <tbody>
              {changes.map((change) => (
                <tr key={change.field}>
                  <th scope="row">
                    <code>{change.field}</code>
                  </th>
                  <td>
                    <code>{change.before}</code>
                  </td>
                  <td>
                    <code>{change.after}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
    </>
  )
}

/** Goes through the chain of hashes: whether nothing was taken out or changed afterwards. */
function Verify() {
  const [shown, setShown] = useState(false)
  const verify = useMutation({ mutationFn: () => get<AuditVerdict>('/api/admin/audit/verify') })
  return (
    <>
      <Button size="small" busy={verify.isPending} onClick={() => (verify.mutate(), setShown(true))}>
        Verify the chain
      </Button>
      {!shown || verify.isPending ? null : verify.data === undefined ? (
        <Badge tone="bad" icon="warn">
          Not available
        </Badge>
      ) : verify.data.intact ? (
        <Badge tone="good" icon="check">
          {plural(verify.data.entries, 'entry', 'entries')}, whole
        </Badge>
      ) : (
        <Notice tone="bad">Broken at entry {verify.data.firstBroken}: it, or one before it, was changed outside of Tollgate.</Notice>
      )}
    </>
  )
}
