// Small things that many pages show.
import { useEffect, useState, type ReactNode } from 'react'
import { ago, localTime, utcTime } from '../lib/time'
import { loggedOutcome } from '../lib/outcome'
import { Button } from './Button'
import { Icon, type IconName } from './Icon'

/** A time in the viewer's zone, UTC on hover. */
export function Time({ at, relative = false }: { at: string | number; relative?: boolean }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={relative ? `${localTime(at)} · ${utcTime(at)}` : utcTime(at)} className="nowrap">
      {relative ? ago(at) : localTime(at)}
    </time>
  )
}

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'accent' | 'mute'

export function Badge({ tone = 'plain', icon, children }: { tone?: Tone; icon?: IconName; children: ReactNode }) {
  return (
    <span className={`badge ${tone === 'plain' || tone === 'mute' ? '' : tone}`}>
      {icon === undefined ? null : <Icon name={icon} size={11} />}
      {children}
    </span>
  )
}

const outcomeIcon: Record<string, IconName> = { good: 'check', warn: 'clock', bad: 'warn', mute: 'stop' }

export function OutcomeBadge({ outcome }: { outcome: string }) {
  const known = loggedOutcome[outcome] ?? { label: outcome, tone: 'mute' as const }
  return (
    <Badge tone={known.tone} icon={outcomeIcon[known.tone] ?? 'info'}>
      {known.label}
    </Badge>
  )
}

export function StatusCode({ status }: { status: number }) {
  if (status === 0) return <span className="muted">none</span>
  return <span className="mono">{status}</span>
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** Copies, and says so. Where the browser does not let it (no TLS and no loopback), it says how to. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [said, setSaid] = useState<string | null>(null)
  useEffect(() => {
    if (said === null) return
    const timer = setTimeout(() => setSaid(null), 2000)
    return () => clearTimeout(timer)
  }, [said])
  return (
    <Button size="small" onClick={() => void copyText(text).then((done) => setSaid(done ? 'Copied' : 'Select it and press Ctrl C'))}>
      <Icon name={said === 'Copied' ? 'check' : 'copy'} size={14} />
      <span aria-live="polite">{said ?? label}</span>
    </Button>
  )
}

export function CopyLine({ text, label }: { text: string; label?: string }) {
  return (
    <div className="copy-line">
      <code>{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  )
}

export function Card({
  title,
  aside,
  children,
  footer,
  className = '',
}: {
  title?: ReactNode
  aside?: ReactNode
  children: ReactNode
  footer?: ReactNode
  className?: string
}) {
  return (
    <section className={`card ${className}`}>
      {title === undefined ? null : (
        <header>
          <h2>{title}</h2>
          {aside}
        </header>
      )}
      {children}
      {footer === undefined ? null : <footer>{footer}</footer>}
    </section>
  )
}

export function PageHead({ title, note, children }: { title: ReactNode; note?: ReactNode; children?: ReactNode }) {
  return (
    <div className="page-head">
      <div>
        <h1>{title}</h1>
        {note === undefined ? null : <p>{note}</p>}
      </div>
      {children === undefined ? null : <div className="row wrap">{children}</div>}
    </div>
  )
}

/** ± with the bound, for figures that are not exact; "exact" else. */
export function Exactness({ exact, error }: { exact: boolean; error?: number | undefined }) {
  if (exact)
    return (
      <span className="muted small" title="From the log, every request counted">
        exact
      </span>
    )
  return (
    <span className="muted small" title="Percentiles come from a sketch of the distribution: at most so far off. Counts are exact.">
      {error === undefined ? '±' : `±${(error * 100).toFixed(1)} %`}
    </span>
  )
}

/** Part of the largest, as a bar; the figure stands beside it. */
export function Bar({ part, of, color }: { part: number; of: number; color?: string }) {
  return (
    <span className="bar-cell" aria-hidden="true">
      <i style={{ transform: `scaleX(${of > 0 ? Math.min(1, part / of) : 0})`, ...(color === undefined ? {} : { background: color }) }} />
    </span>
  )
}

/** The value, a little after it stopped changing: what is typed becomes one question, not one a letter. */
export function useSettled<T>(value: T, ms = 250): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}
