import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { latencyQuery, seriesQuery } from '../../api/queries'
import { count, duration, rate, share, short } from '../../lib/format'
import { add, noCounts, type Counts } from '../../lib/outcome'
import { aligned, before as periodBefore, localTime, presetMs, stepFor, type Preset, type Range } from '../../lib/time'
import { Await, Notice } from '../../ui/states'
import { OverviewCharts } from './charts'
import { toColumns, type Column } from './columns'
import { useMarks } from './marks'
import { Tiles } from './Tiles'

interface PeriodProps {
  text: string
  rangeAt: (now: number) => Range
  follows: boolean
  onZoom: (range: Range) => void
  compare: boolean
}

export function PeriodView({ text, rangeAt, follows, onZoom, compare }: PeriodProps) {
  const everyMs = follows ? refreshEvery(text) : false
  const ask = (earlier: boolean) => (now: number) => {
    const step = stepFor(rangeAt(now), 240, now)
    const range = aligned(rangeAt(now), step)
    return { range: earlier ? periodBefore(range, step) : range, step }
  }
  const series = useQuery(seriesQuery(text, ask(false), everyMs))
  const earlier = useQuery({ ...seriesQuery(`${text} before`, ask(true), everyMs), enabled: compare })
  const latency = useQuery(latencyQuery(text, '', rangeAt, {}, everyMs))
  const marks = useMarks(text, () => rangeAt(Date.now()), everyMs)
  const columns = useMemo(() => toColumns(series.data), [series.data])
  const columnsBefore = useMemo(
    () => (compare && earlier.data !== undefined ? align(columns, toColumns(earlier.data)) : undefined),
    [compare, columns, earlier.data],
  )
  return (
    <Await query={series} what="The time series" rows={8}>
      {(data) => {
        const sum = total(columns)
        const sumBefore = columnsBefore === undefined ? undefined : total(columnsBefore)
        const seconds = Math.max(1, (Date.parse(data.to) - Date.parse(data.from)) / 1000)
        const quantiles = latency.data?.groups[0]?.latencyMs ?? []
        const pair = (pick: (c: Counts) => number) => ({ now: pick(sum), before: sumBefore === undefined ? undefined : pick(sumBefore) })
        return (
          <>
            {data.keptFrom === undefined ? null : (
              <Notice>Figures are kept from {localTime(data.keptFrom)} on; what was before is not in these charts.</Notice>
            )}
            <Tiles
              tiles={[
                { name: 'Requests', value: short(sum.requests), exact: count(sum.requests), ...pair((c) => c.requests) },
                { name: 'Requests a second', value: rate(sum.requests / seconds), note: 'on average' },
                {
                  name: 'Refused by limits',
                  value: share(sum.rateLimited, sum.requests),
                  exact: count(sum.rateLimited),
                  ...pair((c) => c.rateLimited),
                },
                { name: 'Errors', value: share(sum.errors, sum.requests), exact: count(sum.errors), ...pair((c) => c.errors) },
                ...['p50', 'p95', 'p99'].map((name, i) => ({
                  name,
                  value: quantiles[i] === undefined || sum.requests === 0 ? '–' : `± ${duration(quantiles[i])}`,
                })),
              ]}
            />
            <OverviewCharts columns={columns} before={columnsBefore} high="p90" marks={marks} onZoom={onZoom} latencyError={data.error?.latency} />
          </>
        )
      }}
    </Await>
  )
}

/** A long range changes slowly; asking often would only cost. */
function refreshEvery(text: string): number {
  return Math.min(60_000, Math.max(5000, presetMs(text as Preset) / 240))
}

/** The earlier period's columns under the later one's times. */
function align(now: Column[], earlier: Column[]): Column[] {
  return now.map((column, i) => ({ ...(earlier[i] ?? { counts: null, seconds: column.seconds, latency: null }), at: column.at }))
}

function total(columns: Column[]): Counts {
  return columns.reduce<Counts>((sum, c) => (c.counts === null ? sum : add(sum, c.counts)), noCounts)
}
