// Times in the viewer's zone, with UTC beside them on hover; and the ranges that charts and lists are asked for.

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const dayOfYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

/** "14:03:07" today, "30 Nov 14:03:07" in this year, "30 Nov 2025" else. */
export function localTime(iso: string | number, now = Date.now()): string {
  const time = new Date(iso)
  const today = new Date(now)
  if (time.toDateString() === today.toDateString()) return clock.format(time)
  if (time.getFullYear() === today.getFullYear()) return `${day.format(time)} ${clock.format(time)}`
  return dayOfYear.format(time)
}

export function localDate(iso: string | number): string {
  return dayOfYear.format(new Date(iso))
}

/** "2026-11-30 14:03:07.123 UTC". */
export function utcTime(iso: string | number): string {
  return new Date(iso).toISOString().replace('T', ' ').replace('Z', ' UTC')
}

/** "3 s ago", "in 2 h"; coarse on purpose. */
export function ago(iso: string | number, now = Date.now()): string {
  const seconds = (now - new Date(iso).getTime()) / 1000
  const size = Math.abs(seconds)
  if (size < 2) return 'just now'
  const text =
    size < 120
      ? `${Math.round(size)} s`
      : size < 7200
        ? `${Math.round(size / 60)} min`
        : size < 172_800
          ? `${Math.round(size / 3600)} h`
          : `${Math.round(size / 86_400)} d`
  return seconds >= 0 ? `${text} ago` : `in ${text}`
}

export const presets = ['5m', '15m', '1h', '6h', '24h', '7d', '30d'] as const
export type Preset = (typeof presets)[number]

export interface Range {
  /** Milliseconds since 1970; the end is exclusive. */
  from: number
  to: number
}

export function presetMs(preset: Preset): number {
  const value = Number(preset.slice(0, -1))
  const unit = preset.at(-1)
  return value * (unit === 'm' ? 60_000 : unit === 'h' ? 3_600_000 : 86_400_000)
}

/** `1h`, or `2026-11-30T10:00:00.000Z~2026-11-30T11:00:00.000Z`: what the URL holds. Null when it is neither. */
export function parseRange(text: string, now: number): Range | null {
  const preset = presets.find((p) => p === text)
  if (preset !== undefined) return { from: now - presetMs(preset), to: now }
  const [from, to] = text.split('~').map((part) => Date.parse(part))
  if (from === undefined || to === undefined || !(from < to)) return null
  return { from, to }
}

export function formatRange(range: Range): string {
  return `${new Date(range.from).toISOString()}~${new Date(range.to).toISOString()}`
}

/** The range from a whole step on, so that each point of a chart is a whole minute, hour or day; its end stays where it is. */
export function aligned(range: Range, step: number): Range {
  return { from: Math.floor(range.from / (step * 1000)) * step * 1000, to: range.to }
}

/** The range before, as many steps long: point by point what this one is compared with. */
export function before(range: Range, step: number): Range {
  const shift = Math.ceil((range.to - range.from) / (step * 1000)) * step * 1000
  return { from: range.from - shift, to: range.to - shift }
}

/**
 * How many seconds of a step have passed: its length, but for the last one, which still goes on. A count divided by more than has passed reads as a
 * fall that is none. Null for a step that has only just begun: there is nothing to say about it yet.
 */
export function passed(at: number, to: number, step: number): number | null {
  const seconds = Math.min(step, (to - at) / 1000)
  return seconds < step && seconds < Math.max(3, step / 12) ? null : seconds
}

const steps = [1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400]

/** The least round step, in seconds, that makes at most `points` of a range; never below what the server keeps of it. */
export function stepFor(range: Range, points: number, now = Date.now()): number {
  const seconds = (range.to - range.from) / 1000
  const secondsAreKept = seconds <= 300 && now - range.from < 3_300_000
  const least = secondsAreKept ? 1 : 60
  return steps.find((step) => step >= least && seconds / step <= points) ?? 86_400
}

/** The months that a report can be asked for, the latest first: "2026-11". */
export function recentMonths(now: number, howMany: number): string[] {
  const first = new Date(now)
  return Array.from({ length: howMany }, (_, i) => new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() - i, 1)).toISOString().slice(0, 7))
}

export function monthName(month: string): string {
  return new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${month}-01T00:00:00Z`))
}
