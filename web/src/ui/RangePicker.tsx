// The range of a page, held in the URL as `range`: a preset that follows the clock, or two times that do not.
import { useState } from 'react'
import { setParams, useParam } from '../app/router'
import { formatRange, localTime, parseRange, presets, type Preset, type Range } from '../lib/time'
import { Button } from './Button'
import { FormDialog } from './Dialog'
import { Segmented, TextField } from './Field'
import { Icon } from './Icon'

/** The text of the URL and what it is now; a text that is no range counts as the fallback. */
export function useRange(fallback: Preset | 'live'): {
  text: string
  rangeAt: (now: number) => Range
  isPreset: boolean
  zoom: (range: Range) => void
} {
  const [given] = useParam('range', fallback)
  const text = given === 'live' || parseRange(given, Date.now()) !== null ? given : fallback
  return {
    text,
    isPreset: !text.includes('~'),
    rangeAt: (now) => parseRange(text === 'live' ? '5m' : text, now) ?? { from: now - 300_000, to: now },
    zoom: (range) => setParams({ range: formatRange(rounded(range)) }, { push: true }),
  }
}

/** To whole seconds, and no shorter than ten: less than that has nothing to show. */
function rounded(range: Range): Range {
  const from = Math.floor(range.from / 1000) * 1000
  return { from, to: Math.max(Math.ceil(range.to / 1000) * 1000, from + 10_000) }
}

export function RangePicker({ value, live = false, offer = presets }: { value: string; live?: boolean; offer?: readonly Preset[] }) {
  const [asking, setAsking] = useState(false)
  const custom = value.includes('~')
  const options: [string, string][] = [...(live ? [['live', 'Live'] as [string, string]] : []), ...offer.map((p) => [p, p] as [string, string])]
  const range = custom ? parseRange(value, 0) : null
  return (
    <>
      <Segmented label="Range" value={value} onChange={(next) => setParams({ range: next })} options={options} />
      <Button size="small" aria-pressed={custom} onClick={() => setAsking(true)}>
        <Icon name="clock" size={14} />
        {range === null ? 'Custom' : `${localTime(range.from)} – ${localTime(range.to)}`}
      </Button>
      {asking ? <CustomRange start={range ?? { from: Date.now() - 3_600_000, to: Date.now() }} onClose={() => setAsking(false)} /> : null}
    </>
  )
}

/** What an input of type datetime-local holds: local time without a zone. */
function toInput(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

function CustomRange({ start, onClose }: { start: Range; onClose: () => void }) {
  const [from, setFrom] = useState(toInput(start.from))
  const [to, setTo] = useState(toInput(start.to))
  const wrong = !(Date.parse(from) < Date.parse(to))
  const apply = async () => {
    if (wrong) throw new Error('The beginning must be before the end.')
    setParams({ range: formatRange({ from: Date.parse(from), to: Date.parse(to) }) }, { push: true })
    onClose()
    return Promise.resolve()
  }
  return (
    <FormDialog title="Range" submit="Show" onSubmit={apply} onClose={onClose}>
      <div className="grid-2">
        <TextField label="From" type="datetime-local" step="1" value={from} onChange={(event) => setFrom(event.target.value)} />
        <TextField label="To" type="datetime-local" step="1" value={to} onChange={(event) => setTo(event.target.value)} />
      </div>
      <p className="muted small">In your time zone, {Intl.DateTimeFormat().resolvedOptions().timeZone}.</p>
    </FormDialog>
  )
}
