// How uPlot is set up; nothing of React in here.
import uPlot from 'uplot'
import type { ChartMark, ChartSeries } from './Chart'

/** A token as CSS understands it in a style. */
export function token(name: string): string {
  return `var(${name})`
}

function resolved(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

/** Columns added up from the last to the first, so that the first is drawn on top and its fill reaches down to the sum of the others. */
export function stack(columns: (number | null)[][]): (number | null)[][] {
  const result: (number | null)[][] = []
  let below: (number | null)[] = []
  for (const column of columns.toReversed()) {
    below = column.map((value, i) => (value === null ? null : value + (below[i] ?? 0)))
    result.unshift(below)
  }
  return result
}

interface PlotSetup {
  width: number
  height: number
  series: ChartSeries[]
  stacked: boolean
  atLeast: number
  syncKey: string
  zoomable: boolean
  format: (value: number) => string
  marks: () => ChartMark[]
  onCursor: (index: number | null) => void
  onSelect: (fromMs: number, toMs: number) => void
}

export function plotOptions(setup: PlotSetup): uPlot.Options {
  const text = resolved('--text-3')
  const grid = { stroke: resolved('--line'), width: 1 }
  const font = `11px ${resolved('--font')}`
  return {
    width: Math.max(setup.width, 50),
    height: setup.height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: {
      // The cursor is shared; what is dragged in one chart is said once, by that chart.
      sync: { key: setup.syncKey, filters: { pub: (type) => !/^(mousedown|mouseup|dblclick)$/.test(type), sub: () => true } },
      drag: { x: setup.zoomable, y: false, setScale: false },
      points: { size: 6 },
      y: false,
    },
    select: { show: setup.zoomable, left: 0, top: 0, width: 0, height: 0 },
    scales: { x: { time: true }, y: { range: (_u, _min, max) => [0, Math.max(setup.atLeast, (Number.isFinite(max) ? max : 0) * 1.08)] } },
    axes: [
      {
        stroke: text,
        font,
        grid: { show: false },
        ticks: { ...grid, size: 4 },
        size: 28,
        space: 80,
        values: (_u, splits) => splits.map(axisTime(splits)),
      },
      {
        stroke: text,
        font,
        grid,
        ticks: { show: false },
        size: 52,
        gap: 4,
        space: 34,
        values: (_u, splits) => splits.map((value) => setup.format(value)),
      },
    ],
    series: [{}, ...setup.series.map((s) => drawn(s, setup.stacked))],
    plugins: [marksPlugin(setup.marks)],
    hooks: {
      setCursor: [(u) => setup.onCursor(u.cursor.idx ?? null)],
      setSelect: [
        (u) => {
          if (u.select.width < 4) return
          setup.onSelect(u.posToVal(u.select.left, 'x') * 1000, u.posToVal(u.select.left + u.select.width, 'x') * 1000)
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
    },
  }
}

/** Axis labels as short as the span allows. */
function axisTime(splits: number[]): (split: number) => string {
  const step = ((splits[1] ?? 0) - (splits[0] ?? 0)) * 1000
  return (split) => {
    const time = new Date(split * 1000)
    if (step >= 86_400_000) return time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
    const midnight = time.getHours() === 0 && time.getMinutes() === 0 && step >= 3_600_000
    if (midnight) return time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
    return time.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', ...(step < 60_000 ? { second: '2-digit' } : {}) })
  }
}

function drawn(series: ChartSeries, stacked: boolean): uPlot.Series {
  const color = resolved(series.color)
  const dash = series.dash ?? (series.dashed === true ? [5, 4] : undefined)
  return {
    label: series.name,
    stroke: color,
    width: series.dashed === true ? 1 : 1.5,
    points: { show: true, size: 5, fill: color, filter: lonely },
    spanGaps: false,
    ...(dash === undefined ? {} : { dash }),
    // Opaque: what lies above in the stack covers what lies below it, which is drawn later on top.
    ...(stacked && series.dashed !== true ? { fill: mixed(color) } : {}),
  }
}

/** Points with nothing on either side: a line would not show them. */
const lonely: uPlot.Series.Points.Filter = (u, seriesIndex, show) => {
  if (show === false) return null
  const values = u.data[seriesIndex] ?? []
  const found: number[] = []
  for (let i = 0; i < values.length; i += 1) if (values[i] != null && values[i - 1] == null && values[i + 1] == null) found.push(i)
  return found
}

function mixed(color: string): string {
  return `color-mix(in srgb, ${color} 38%, ${resolved('--surface')})`
}

/** Vertical lines where something was changed. */
function marksPlugin(marks: () => ChartMark[]): uPlot.Plugin {
  return {
    hooks: {
      draw: [
        (u) => {
          const { ctx } = u
          ctx.save()
          ctx.strokeStyle = resolved('--text-3')
          ctx.fillStyle = resolved('--text-2')
          ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio])
          for (const mark of marks()) {
            const x = Math.round(u.valToPos(mark.at / 1000, 'x', true)) + 0.5
            if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) continue
            ctx.beginPath()
            ctx.moveTo(x, u.bbox.top)
            ctx.lineTo(x, u.bbox.top + u.bbox.height)
            ctx.stroke()
            ctx.beginPath()
            ctx.arc(x, u.bbox.top + 3 * devicePixelRatio, 3 * devicePixelRatio, 0, 7)
            ctx.fill()
          }
          ctx.restore()
        },
      ],
    },
  }
}
