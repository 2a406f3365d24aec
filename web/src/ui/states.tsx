// What is shown in place of data: while it comes, when there is none, when it cannot be had. Each says what to do next.
import type { ReactNode } from 'react'
import { ApiError, OfflineError } from '../api/client'
import { Button } from './Button'
import { Icon, type IconName } from './Icon'

export function Loading({ rows = 4, label = 'Loading' }: { rows?: number; label?: string }) {
  const widths = ['92%', '76%', '84%', '60%', '70%', '88%']
  return (
    <div className="stack state inline" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} className="skeleton" style={{ width: widths[i % widths.length], justifySelf: 'start' }} />
      ))}
    </div>
  )
}

export function Empty({
  icon = 'empty',
  title,
  children,
  action,
  inline = false,
}: {
  icon?: IconName
  title: string
  children?: ReactNode
  action?: ReactNode
  inline?: boolean
}) {
  return (
    <div className={`state ${inline ? 'inline' : ''}`}>
      <Icon name={icon} size={28} />
      <p className="state-title">{title}</p>
      {children === undefined ? null : <p>{children}</p>}
      {action === undefined ? null : <div className="row">{action}</div>}
    </div>
  )
}

/** An error as a state of its own: not signed in any more, not allowed, not there, not reachable, or what the server said. */
export function Failed({ error, retry, what = 'This', inline = false }: { error: unknown; retry?: () => void; what?: string; inline?: boolean }) {
  const again = retry === undefined ? undefined : <Button onClick={retry}>Try again</Button>
  if (error instanceof OfflineError) {
    return (
      <Empty icon="unplug" title="Tollgate does not answer" inline={inline}>
        It may be restarting. The page goes on by itself as soon as it is back.
      </Empty>
    )
  }
  if (error instanceof ApiError) {
    if (error.status === 401)
      return (
        <Empty icon="clock" title="The session is over" inline={inline}>
          Sign in again to see this.
        </Empty>
      )
    if (error.status === 403)
      return (
        <Empty icon="lock" title="Your role does not allow this" inline={inline}>
          {what} is for other roles. An admin can change yours under System, Users.
        </Empty>
      )
    if (error.status === 404 || error.status === 405)
      return (
        <Empty icon="info" title={`${what} is not available here`} inline={inline}>
          This server does not have it: it may be an older version, or run without that part.
        </Empty>
      )
    return (
      <Empty icon="warn" title={`${what} could not be loaded`} action={again} inline={inline}>
        {error.message}
        {error.problem.requestId === undefined ? null : <span className="muted"> (request {error.problem.requestId})</span>}
      </Empty>
    )
  }
  return <Empty icon="warn" title={`${what} could not be loaded`} action={again} inline={inline} />
}

interface Asked<T> {
  data: T | undefined
  error: unknown
  refetch: () => unknown
}

/** The data of a query, or the state in its place. Data that is there stays while an error passes: the banner tells. */
export function Await<T>({
  query,
  what,
  rows,
  inline = true,
  children,
}: {
  query: Asked<T>
  what: string
  rows?: number
  inline?: boolean
  children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.error) return <Failed error={query.error} what={what} retry={() => void query.refetch()} inline={inline} />
  return <Loading rows={rows ?? 4} label={`Loading: ${what}`} />
}

export function Notice({ tone = 'plain', children }: { tone?: 'plain' | 'good' | 'warn' | 'bad'; children: ReactNode }) {
  const icon = tone === 'good' ? 'check' : tone === 'plain' ? 'info' : 'warn'
  return (
    <div className={`notice ${tone === 'plain' ? '' : tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon name={icon} size={14} />
      <div>{children}</div>
    </div>
  )
}
