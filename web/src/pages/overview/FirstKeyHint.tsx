import { useQuery } from '@tanstack/react-query'
import { get } from '../../api/client'
import type { Key, Page } from '../../api/types'
import { Link } from '../../app/router'
import { Notice } from '../../ui/states'

/** For a Tollgate that nobody can call yet. */
export function FirstKeyHint() {
  const { data } = useQuery({
    queryKey: ['keys', 'any'],
    queryFn: ({ signal }) => get<Page<Key>>('/api/admin/keys?limit=1', signal),
    staleTime: 30_000,
  })
  if (data === undefined || data.data.length > 0) return null
  return (
    <Notice>
      There is no key yet, so nobody can call your API. <Link to="/start">Make the first one and see a request arrive</Link>: it takes a minute.
    </Notice>
  )
}
