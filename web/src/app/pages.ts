// Which page a path is. Each is a file of its own that is loaded when it is first opened.
import { createElement, use, type ComponentType } from 'react'
import { matchPath } from '../lib/url'

export interface PageProps {
  params: Record<string, string>
}

interface PageRoute {
  path: string
  title: string
  page: ComponentType<PageProps>
  load: () => Promise<unknown>
}

/**
 * A page that is loaded when it is first shown. Unlike React.lazy, one that is there already is drawn at once: lazy would show its fallback for
 * a moment, and React keeps a fallback that was shown for 300 ms.
 */
function route(path: string, title: string, load: () => Promise<{ default: ComponentType<PageProps> }>): PageRoute {
  let loaded: ComponentType<PageProps> | null = null
  let loading: Promise<void> | null = null
  const start = () =>
    (loading ??= load().then((module) => {
      loaded = module.default
    }))
  const page = (props: PageProps) => {
    if (loaded === null) use(start())
    return loaded === null ? null : createElement(loaded, props)
  }
  return { path, title, page, load: start }
}

export const pageRoutes: PageRoute[] = [
  route('/', 'Overview', () => import('../pages/overview/OverviewPage')),
  route('/start', 'First request', () => import('../pages/start/StartPage')),
  route('/keys', 'Keys', () => import('../pages/keys/KeysPage')),
  route('/keys/:id', 'Key', () => import('../pages/keys/KeyPage')),
  route('/tiers', 'Tiers and limits', () => import('../pages/tiers/TiersPage')),
  route('/routes', 'Routes', () => import('../pages/routes/RoutesPage')),
  route('/requests', 'Requests', () => import('../pages/requests/RequestsPage')),
  route('/explorer', 'Explorer', () => import('../pages/explorer/ExplorerPage')),
  route('/reports', 'Reports', () => import('../pages/reports/ReportsPage')),
  route('/system', 'System', () => import('../pages/system/SystemPage')),
  route('/system/:tab', 'System', () => import('../pages/system/SystemPage')),
  route('/account', 'Your account', () => import('../pages/account/AccountPage')),
]

/** Fetches the page that a path shows, while it is not yet known who is asking: the two take as long as the longer one. */
export async function preload(path: string): Promise<void> {
  const found = pageRoutes.find((one) => matchPath(one.path, path) !== null)
  await found?.load().catch(() => {})
}
