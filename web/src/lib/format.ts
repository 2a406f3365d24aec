// Figures as people read them. All of it is pure; the locale is fixed to English so that a screenshot, a test and a reader see one thing.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** 1234567 → "1,234,567". Exact: for counts that are. */
export function count(n: number): string {
  return whole.format(n)
}

const units: [number, string][] = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
]

/** 1234567 → "1.23M"; up to 9,999 exact. For axes and tiles, where the exact figure is in the title. */
export function short(n: number): string {
  if (!Number.isFinite(n)) return '–'
  const size = Math.abs(n)
  if (size < 10_000) return size < 10 && !Number.isInteger(n) ? significant(n, 2) : whole.format(n)
  for (const [unit, name] of units) {
    // 999,950 would round to "1000k": let the next unit take it.
    if (size >= unit * 0.99995) return `${significant(n / unit, 3)}${name}`
  }
  return whole.format(n)
}

/** At most that many significant digits, no exponent, no trailing zeros. */
export function significant(n: number, digits: number): string {
  if (n === 0) return '0'
  return new Intl.NumberFormat('en', { maximumSignificantDigits: digits }).format(n)
}

/** A rate a second: "0", "0.3", "12.4", "1,240". */
export function rate(n: number): string {
  if (n === 0) return '0'
  if (Math.abs(n) < 100) return significant(n, n < 1 ? 2 : 3)
  return short(n)
}

/** Part of a whole as a percentage; a part that is not nothing never reads as 0 %. "–" when there is no whole. */
export function share(part: number, total: number): string {
  if (total <= 0) return '–'
  const percent = (part / total) * 100
  if (percent === 0) return '0 %'
  if (percent < 0.1) return '< 0.1 %'
  if (percent > 99.9 && part < total) return '> 99.9 %'
  return `${significant(percent, percent < 10 ? 2 : 3)} %`
}

/** Milliseconds as µs, ms, s or min, to three digits. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  if (ms === 0) return '0 ms'
  if (ms < 0.9995) return `${significant(ms * 1000, 3)} µs`
  if (ms < 999.5) return `${significant(ms, 3)} ms`
  if (ms < 119_500) return `${significant(ms / 1000, 3)} s`
  return span(ms / 1000)
}

/** Seconds as "45 s", "3 min", "2 h 5 min", "4 d 3 h". */
export function span(seconds: number): string {
  const s = Math.round(seconds)
  if (s < 120) return `${s} s`
  const minutes = Math.round(s / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return join(hours, 'h', minutes % 60, 'min')
  return join(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

function join(a: number, unitA: string, b: number, unitB: string): string {
  return b === 0 ? `${a} ${unitA}` : `${a} ${unitA} ${b} ${unitB}`
}

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

export function bytes(n: number): string {
  let size = n
  let unit = 0
  while (Math.abs(size) >= 1023.5 && unit < binary.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${unit === 0 ? whole.format(size) : significant(size, 3)} ${binary[unit]}`
}

/** How much more or less than before, as "+12 %"; "new" when there was nothing before. */
export function change(now: number, before: number): string {
  if (before === 0) return now === 0 ? '±0 %' : 'new'
  const percent = ((now - before) / before) * 100
  if (Math.abs(percent) < 0.5) return '±0 %'
  const sign = percent > 0 ? '+' : '−'
  return `${sign}${short(Math.round(Math.abs(percent)))} %`
}

/** "1 key", "3 keys". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`
}
