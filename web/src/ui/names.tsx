// A key's name for its id. The list of all keys may be long, so each name is asked for when it is first seen, and kept.
import { useQuery } from '@tanstack/react-query'
import { keyQuery } from '../api/queries'
import { Link } from '../app/router'

export function KeyName({ id, link = true }: { id: string | null; link?: boolean }) {
  const { data, error } = useQuery({ ...keyQuery(id ?? ''), enabled: id !== null && id !== 'none', staleTime: 300_000, retry: false })
  if (id === null || id === 'none') return <span className="muted">no key</span>
  if (id === 'other') return <span className="muted">all others</span>
  const text = data?.data.name ?? id
  const title = data === undefined ? (error ? `${id}: deleted, or not for your role` : id) : `${text} · ${id}`
  if (!link) return <span title={title}>{text}</span>
  return (
    <Link to={`/keys/${encodeURIComponent(id)}`} className="truncate" title={title}>
      {text}
    </Link>
  )
}
