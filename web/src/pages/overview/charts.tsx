// The three charts of the overview, from live seconds or from a period's series: both give the same columns.
import { duration, plural, rate, significant } from '../../lib/format'
import { outcomeName, outcomes, parts, type Outcome } from '../../lib/outcome'
import type { Range } from '../../lib/time'
import { Link } from '../../app/router'
import { Card, Exactness, Time } from '../../ui/bits'
import type { Column } from './columns'
import { Chart, type ChartMark, type ChartSeries } from '../../ui/Chart'

const dashOf: Record<Outcome, number[]> = { ok: [], limited: [7, 3], denied: [10, 3, 2, 3], failed: [2, 2], other: [4, 4] }

interface ChartsProps {
  columns: Column[]
  before?: Column[] | undefined
  /** Which percentile `high` is: the live stream has p95, series have p90. */
  high: 'p90' | 'p95'
  marks: ChartMark[]
  onZoom?: ((range: Range) => void) | undefined
  latencyError: number | undefined
}

const colorOf: Record<Outcome, string> = { ok: '--ok', limited: '--limited', denied: '--denied', failed: '--failed', other: '--other' }

export function OverviewCharts({ columns, before, high, marks, onZoom, latencyError }: ChartsProps) {
  const times = columns.map((c) => c.at)
  const zoom = onZoom === undefined ? {} : { onZoom }
  return (
    <div className="overview-charts">
      <Card title="Requests a second" aside={<Exactness exact />} className="chart-card wide">
        <div className="body">
          <Chart
            label="Requests a second by outcome"
            times={times}
            series={outcomeSeries(columns, before)}
            stacked
            format={rate}
            height={230}
            marks={marks}
            {...zoom}
          />
          <Changes marks={marks} />
        </div>
      </Card>
      <Card title="Latency" aside={<Exactness exact={false} error={latencyError} />} className="chart-card">
        <div className="body">
          <Chart
            label="Latency"
            times={times}
            series={latencySeries(columns, high)}
            format={duration}
            height={190}
            marks={marks}
            atLeast={0.1}
            {...zoom}
          />
        </div>
      </Card>
      <Card title="Refused by limits" aside={<Exactness exact />} className="chart-card">
        <div className="body">
          <Chart
            label="Share of requests refused by limits"
            times={times}
            series={shareSeries(columns, before)}
            format={(v) => `${significant(v, 3)} %`}
            height={190}
            marks={marks}
            atLeast={5}
            {...zoom}
          />
        </div>
      </Card>
    </div>
  )
}

/** What the marks on the charts are, in words: a line in a chart tells nobody what was changed. */
function Changes({ marks }: { marks: ChartMark[] }) {
  if (marks.length === 0) return null
  return (
    <p className="changes small secondary">
      <b>{plural(marks.length, 'change')}</b>
      {marks.slice(0, 4).map((mark) => (
        <span key={`${mark.at} ${mark.text}`}>
          <Time at={mark.at} /> {mark.text}
        </span>
      ))}
      <Link to="/system/audit">All in the audit</Link>
    </p>
  )
}

function outcomeSeries(columns: Column[], before: Column[] | undefined): ChartSeries[] {
  const split = columns.map((c) => (c.counts === null ? null : parts(c.counts)))
  // What never happened needs no line in the legend, but what people look for is always there.
  const shown = outcomes.filter((o) => o === 'ok' || o === 'limited' || o === 'failed' || split.some((p) => p !== null && p[o] > 0))
  const series: ChartSeries[] = shown
    .map((o) => ({
      name: outcomeName[o],
      color: colorOf[o],
      values: columns.map((c, i) => (split[i] == null ? null : (split[i]?.[o] ?? 0) / c.seconds)),
      dash: dashOf[o],
    }))
    .toReversed()
  if (before !== undefined) {
    // In a stack the last is the lowest: drawn after the others, it is seen on top of them.
    return [
      ...series,
      { name: 'All, before', color: '--text-3', dashed: true, values: before.map((c) => (c.counts === null ? null : c.counts.requests / c.seconds)) },
    ]
  }
  return series
}

function latencySeries(columns: Column[], high: 'p90' | 'p95'): ChartSeries[] {
  const of = (pick: (l: NonNullable<Column['latency']>) => number) => columns.map((c) => (c.latency === null ? null : pick(c.latency)))
  return [
    { name: 'p50', color: '--s1', values: of((l) => l.p50) },
    { name: high, color: '--s2', values: of((l) => l.high), dash: [8, 3] },
    { name: 'p99', color: '--s3', values: of((l) => l.p99), dash: [2, 3] },
  ]
}

function shareSeries(columns: Column[], before: Column[] | undefined): ChartSeries[] {
  const of = (list: Column[]) =>
    list.map((c) => (c.counts === null || c.counts.requests === 0 ? null : (c.counts.rateLimited / c.counts.requests) * 100))
  const now: ChartSeries = { name: 'Limited', color: '--limited', values: of(columns) }
  return before === undefined ? [now] : [now, { name: 'Before', color: '--text-3', dashed: true, values: of(before) }]
}
