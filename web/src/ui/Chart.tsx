// uPlot in the design's clothes: a legend that reads out under the cursor, colours from the tokens, cursors that move together, drag to zoom.
import { useEffect, useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useTheme } from '../app/theme'
import type { Range } from '../lib/time'
import { localTime } from '../lib/time'
import './chart.css'
import { plotOptions, stack, token } from './plot'

export interface ChartSeries {
  name: string
  /** A token's name, such as `--ok`. */
  color: string
  values: (number | null)[]
  /** Drawn dashed: a period before, or a bound. */
  dashed?: boolean
  /** Where its colour might not tell: a dash pattern of its own. */
  dash?: number[]
}

export interface ChartMark {
  at: number
  text: string
}

interface ChartProps {
  /** What it shows, for who cannot see it; the latest values are added. */
  label: string
  /** Milliseconds since 1970, ascending. */
  times: number[]
  series: ChartSeries[]
  stacked?: boolean
  format: (value: number) => string
  height?: number
  onZoom?: (range: Range) => void
  marks?: ChartMark[]
  /** The least top of the scale, so that a quiet chart does not look busy. */
  atLeast?: number
  legend?: boolean
}

const syncKey = 'tollgate'

export function Chart({ label, times, series, stacked = false, format, height = 200, onZoom, marks = [], atLeast = 1, legend = true }: ChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const theme = useTheme()
  const [cursor, setCursor] = useState<number | null>(null)
  const data = useMemo(() => toData(times, series, stacked), [times, series, stacked])
  const shape = series.map((s) => `${s.name}|${s.color}|${s.dashed ?? false}`).join('\n')
  // Read when something happens, not when the plot is made: the plot outlives many renders.
  const latest = useRef({ onZoom, marks, times, format })
  latest.current = { onZoom, marks, times, format }

  useEffect(() => {
    const element = host.current
    if (element === null) return
    const made = new uPlot(
      plotOptions({
        width: element.clientWidth,
        height,
        series,
        stacked,
        atLeast,
        syncKey,
        format: (value) => latest.current.format(value),
        marks: () => latest.current.marks,
        onCursor: setCursor,
        onSelect: (from, to) => latest.current.onZoom?.({ from, to }),
        zoomable: onZoom !== undefined,
      }),
      data,
      element,
    )
    plot.current = made
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== made.width) made.setSize({ width: element.clientWidth, height })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = null
    }
    // The data goes in by setData below; a plot is made anew only when its shape or colours change.
  }, [shape, stacked, theme, height, onZoom !== undefined])

  useEffect(() => plot.current?.setData(data), [data])

  const index = cursor !== null && cursor < times.length ? cursor : null
  return (
    <figure className="chart" aria-label={summary(label, series, format)}>
      {legend ? (
        <Legend series={stacked ? topDown(series) : series} index={index} time={index === null ? null : (times[index] ?? null)} format={format} />
      ) : null}
      <div ref={host} className="chart-host" style={{ height }} aria-hidden="true" />
    </figure>
  )
}

function toData(times: number[], series: ChartSeries[], stacked: boolean): uPlot.AlignedData {
  const columns = series.map((s) => s.values)
  return [times.map((t) => t / 1000), ...(stacked ? stackDrawn(series) : columns)] as uPlot.AlignedData
}

/** Dashed lines stand beside the stack: they are not part of it. */
function stackDrawn(series: ChartSeries[]): (number | null)[][] {
  const stacked = stack(series.filter((s) => s.dashed !== true).map((s) => s.values))
  return series.map((s) => (s.dashed === true ? s.values : (stacked.shift() ?? [])))
}

function last(values: (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null
}

function summary(label: string, series: ChartSeries[], format: (value: number) => string): string {
  const parts = series.slice(0, 8).map((s) => {
    const value = last(s.values)
    return `${s.name} ${value === null ? 'none' : format(value)}`
  })
  return `${label}. Latest: ${parts.join(', ')}.`
}

/** A stack is drawn from its top; it is read from its base. Lines beside the stack come last. */
function topDown(series: ChartSeries[]): ChartSeries[] {
  return [...series.filter((s) => s.dashed !== true).toReversed(), ...series.filter((s) => s.dashed === true)]
}

/** The line's pattern, as far as a border has it: what tells two series apart for who does not see their colours apart. */
function patternOf(series: ChartSeries): string {
  if (series.dash === undefined || series.dash.length === 0) return series.dashed === true ? 'dashed' : ''
  return (series.dash[0] ?? 0) <= 3 ? 'dotted' : 'dashed'
}

/** The value of each series under the cursor; without one, the latest. */
function Legend({
  series,
  index,
  time,
  format,
}: {
  series: ChartSeries[]
  index: number | null
  time: number | null
  format: (value: number) => string
}) {
  return (
    <figcaption className="legend">
      {series.map((s) => {
        const value = index === null ? last(s.values) : (s.values[index] ?? null)
        return (
          <span key={s.name} className="legend-item">
            <i className={patternOf(s)} style={{ borderColor: token(s.color) }} />
            <span className="truncate">{s.name}</span>
            <b>{value === null ? '–' : format(value)}</b>
          </span>
        )
      })}
      <span className="legend-time">{time === null ? 'latest' : localTime(time)}</span>
    </figcaption>
  )
}
