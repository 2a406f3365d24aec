import { useQuery } from '@tanstack/react-query'
import { auditQuery } from '../../api/queries'
import type { Range } from '../../lib/time'
import type { ChartMark } from '../../ui/Chart'

/** Changes of keys, tiers and configuration in a range, as marks on its charts. None where the audit cannot be read. */
export function useMarks(name: string, range: () => Range, everyMs: number | false): ChartMark[] {
  const { data } = useQuery({
    ...auditQuery({ limit: 200 }),
    queryKey: ['audit', 'marks', name],
    refetchInterval: (query) => (query.state.error === null ? everyMs : false),
    retry: false,
  })
  const { from, to } = range()
  return (data?.data ?? [])
    .filter((entry) => !/^(session|login|sign)/.test(entry.action))
    .map((entry) => ({ at: Date.parse(entry.time), text: `${entry.actor}: ${entry.action} ${entry.object}` }))
    .filter((mark) => mark.at >= from && mark.at <= to)
}
