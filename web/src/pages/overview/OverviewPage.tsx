import { useQuery } from '@tanstack/react-query'
import { useLive } from '../../api/live'
import { dashboardQuery } from '../../api/queries'
import { setParams, useParam } from '../../app/router'
import type { StreamState } from '../../api/sse'
import { Button } from '../../ui/Button'
import { Badge, PageHead } from '../../ui/bits'
import { RangePicker, useRange } from '../../ui/RangePicker'
import { Conservation } from './Conservation'
import { Health } from './Health'
import { LiveView } from './LiveView'
import { PeriodView } from './PeriodView'
import { TopLists } from './TopLists'
import { FirstKeyHint } from './FirstKeyHint'
import './overview.css'

export default function OverviewPage() {
  const range = useRange('live')
  const live = range.text === 'live'
  const [compare] = useParam('compare')
  const dashboard = useQuery(dashboardQuery(live ? 2000 : 10_000))
  const stream = useLive(live)
  return (
    <>
      <PageHead title={<span className="row">Overview{live ? <StreamBadge state={stream.state} /> : null}</span>}>
        {live ? null : (
          <Button size="small" aria-pressed={compare === '1'} onClick={() => setParams({ compare: compare === '1' ? null : '1' })}>
            Compare with before
          </Button>
        )}
        <RangePicker value={range.text} live offer={['15m', '1h', '6h', '24h', '7d', '30d']} />
      </PageHead>
      <FirstKeyHint />
      {live ? (
        <LiveView window={stream.window} dashboard={dashboard.data} />
      ) : (
        <PeriodView text={range.text} rangeAt={range.rangeAt} follows={range.isPreset} onZoom={range.zoom} compare={compare === '1'} />
      )}
      <TopLists
        name={live ? '15m' : range.text}
        rangeAt={live ? (now) => ({ from: now - 900_000, to: now }) : range.rangeAt}
        everyMs={live ? 3000 : range.isPreset ? 15_000 : false}
        note={live ? 'last 15 minutes' : null}
      />
      <div className="grid-2">
        <Health dashboard={dashboard} />
        <Conservation dashboard={dashboard} />
      </div>
    </>
  )
}

function StreamBadge({ state }: { state: StreamState }) {
  if (state === 'open')
    return (
      <Badge tone="good" icon="check">
        Live
      </Badge>
    )
  if (state === 'refused')
    return (
      <Badge tone="bad" icon="stop">
        No live figures
      </Badge>
    )
  return (
    <Badge tone="warn" icon="clock">
      {state === 'connecting' ? 'Connecting' : 'Connecting again'}
    </Badge>
  )
}
