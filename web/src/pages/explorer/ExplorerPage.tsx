import { useQueries, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { keyQuery, routesQuery, seriesQuery, tiersQuery } from '../../api/queries'
import { setParams, useParam } from '../../app/router'
import { csv, download } from '../../lib/csv'
import { aligned, presetMs, stepFor, type Preset, type Range } from '../../lib/time'
import { Button } from '../../ui/Button'
import { Card, Exactness, PageHead } from '../../ui/bits'
import { Chart, type ChartSeries } from '../../ui/Chart'
import { FilterSelect, Segmented } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import { RangePicker, useRange } from '../../ui/RangePicker'
import { SavedViews } from '../../ui/SavedViews'
import { Await, Empty } from '../../ui/states'
import {
  dimensionName,
  dimensions,
  formatOf,
  isExact,
  linesOf,
  metricName,
  metrics,
  stackable,
  timesOf,
  type Dimension,
  type Line,
  type Metric,
} from './explore'
import { GroupTable } from './GroupTable'

const colors = ['--s1', '--s2', '--s3', '--s4', '--s5', '--s6', '--s7', '--s8']
const dashes: number[][] = [[], [8, 3], [2, 3], [10, 3, 2, 3], [5, 5], [1, 2], [12, 4], [4, 2]]
const drawnAtMost = 8

export default function ExplorerPage() {
  const [metricText] = useParam('metric', 'requests')
  const [byText] = useParam('by', 'route')
  const [style] = useParam('style', 'stack')
  const [tier] = useParam('tier')
  const [route] = useParam('route')
  const [status] = useParam('status')
  const [draw] = useParam('draw')
  const range = useRange('1h')
  const metric = metrics.find((m) => m === metricText) ?? 'requests'
  const by: Dimension = byText === 'all' ? '' : (dimensions.find((d) => d === byText) ?? 'route')
  const everyMs = range.isPreset ? Math.max(2000, presetMs(range.text as Preset) / 300) : false
  const name = `explore ${metric} ${by} ${tier} ${route} ${status} ${range.text}`
  const series = useQuery(
    seriesQuery(
      name,
      (now) => ({
        ...stepsOf(range.rangeAt(now), now, by === '' ? 300 : 120),
        groupBy: by,
        series: 50,
        tier,
        route,
        status,
        ...(metric === 'clients' ? { metric: 'requests,clients' } : {}),
      }),
      everyMs,
    ),
  )
  const lines = useMemo(() => (series.data === undefined ? [] : linesOf(series.data, metric, by)), [series.data, metric, by])
  const times = useMemo(() => (series.data === undefined ? [] : timesOf(series.data)), [series.data])
  const nameOf = useGroupNames(lines, by)
  const stacked = style === 'stack' && stackable(metric)
  const drawn = useMemo(() => toSeries(draw === 'all' ? lines : lines.slice(0, drawnAtMost), nameOf), [lines, draw, nameOf])
  return (
    <>
      <PageHead title="Explorer" note="Any figure by anything, over any time.">
        <SavedViews place="explorer" suggested={`${metricName[metric]} by ${dimensionName[by]}`} />
        <Button size="small" onClick={() => download(`${metric}-by-${by || 'all'}.csv`, toCsv(times, lines, nameOf))}>
          <Icon name="down" size={14} /> CSV
        </Button>
      </PageHead>
      <div className="card">
        <div className="filters body">
          <FilterSelect
            label="Metric"
            value={metric}
            onChange={(next) => setParams({ metric: next })}
            options={metrics.map((m) => [m, metricName[m]] as const)}
          />
          <FilterSelect
            label="By"
            value={by === '' ? 'all' : by}
            onChange={(next) => setParams({ by: next })}
            options={dimensions.map((d) => [d === '' ? 'all' : d, `by ${dimensionName[d]}`.replace('by everything', 'everything')] as const)}
          />
          <Segmented
            label="Drawn as"
            value={stacked ? 'stack' : 'lines'}
            onChange={(next) => setParams({ style: next })}
            options={[...(stackable(metric) ? ([['stack', 'Stacked']] as const) : []), ['lines', 'Lines'] as const]}
          />
          <Narrowed tier={tier} route={route} status={status} />
        </div>
        <div className="filters body">
          <RangePicker value={range.text} />
        </div>
      </div>
      <Card
        title={`${metricName[metric]}${by === '' ? '' : ` by ${dimensionName[by]}`}`}
        aside={<Exactness exact={isExact(metric)} error={metric === 'clients' ? series.data?.error?.clients : series.data?.error?.latency} />}
      >
        <Await query={series} what="The series" rows={8}>
          {() =>
            lines.every((line) => line.requests === 0) ? (
              <Empty title="Nothing happened in this range">Choose another range, or take a filter away.</Empty>
            ) : (
              <>
                <div className="body stack">
                  <Chart
                    label={`${metricName[metric]} by ${dimensionName[by]}`}
                    times={times}
                    series={stacked ? drawn.toReversed() : drawn}
                    stacked={stacked}
                    format={formatOf(metric as Metric)}
                    height={300}
                    onZoom={range.zoom}
                    atLeast={0.01}
                  />
                  {lines.length <= drawnAtMost ? null : (
                    <p className="muted small">
                      {draw === 'all'
                        ? `All ${lines.length} are drawn.`
                        : `The ${drawnAtMost} busiest are drawn; all ${lines.length} are in the table.`}{' '}
                      <button type="button" className="link-button" onClick={() => setParams({ draw: draw === 'all' ? null : 'all' })}>
                        {draw === 'all' ? 'Draw the busiest only' : 'Draw all'}
                      </button>
                    </p>
                  )}
                </div>
                <GroupTable
                  lines={lines}
                  by={by}
                  nameOf={nameOf}
                  metric={metric}
                  colorOf={(i) => (i < drawnAtMost || draw === 'all' ? colors[i % colors.length] : undefined)}
                />
              </>
            )
          }
        </Await>
      </Card>
    </>
  )
}

/** Many groups have fewer points each: an answer of fifty with all of them would be megabytes. */
function stepsOf(range: Range, now: number, points: number): { range: Range; step: number } {
  const step = stepFor(range, points, now)
  return { range: aligned(range, step), step }
}

function Narrowed({ tier, route, status }: { tier: string; route: string; status: string }) {
  const tiers = useQuery(tiersQuery()).data ?? []
  const routes = useQuery(routesQuery()).data ?? []
  return (
    <>
      <FilterSelect
        label="Only tier"
        value={tier}
        onChange={(next) => setParams({ tier: next })}
        options={[['', 'Any tier'], ...tiers.map((t) => [t.name, t.title] as [string, string])]}
      />
      <FilterSelect
        label="Only route"
        value={route}
        onChange={(next) => setParams({ route: next })}
        options={[['', 'Any route'], ...routes.map((r) => [r.name, r.name] as [string, string])]}
      />
      <FilterSelect
        label="Only status"
        value={status}
        onChange={(next) => setParams({ status: next })}
        options={[['', 'Any status'], ...['2xx', '3xx', '4xx', '5xx'].map((s) => [s, s] as [string, string])]}
      />
    </>
  )
}

/** Names of keys for their ids; the others are their own names. */
function useGroupNames(lines: Line[], by: Dimension): (group: string) => string {
  const ids = by === 'key' ? lines.map((line) => line.group).filter((id) => id !== 'none' && id !== 'other') : []
  const asked = useQueries({ queries: ids.map((id) => ({ ...keyQuery(id), retry: false, staleTime: 300_000 })) })
  const names = asked.map((one) => one.data?.data.name ?? '').join('\n')
  return useMemo(() => {
    const of = new Map(ids.map((id, i) => [id, names.split('\n')[i] ?? '']))
    return (group: string) =>
      group === '' ? 'all' : group === 'other' ? 'all others' : group === 'none' ? `no ${dimensionName[by]}` : of.get(group) || group
    // The ids follow from the names and the lines, which are made anew with each answer.
  }, [names, ids.join(), by])
}

function toSeries(lines: Line[], nameOf: (group: string) => string): ChartSeries[] {
  return lines.map((line, i) => ({
    name: nameOf(line.group),
    color: colors[i % colors.length] ?? '--other',
    values: line.values,
    dash: dashes[Math.floor(i / colors.length + i) % dashes.length] ?? [],
  }))
}

function toCsv(times: number[], lines: Line[], nameOf: (group: string) => string): string {
  return csv(
    ['time', ...lines.map((line) => nameOf(line.group))],
    times.map((time, i) => [new Date(time).toISOString(), ...lines.map((line) => line.values[i] ?? null)]),
  )
}
