// Which page a path is. Each is a file of its own that is loaded when it is first opened.
import { lazy, type ComponentType } from 'react'

export interface PageProps {
  params: Record<string, string>
}

interface PageRoute {
  path: string
  title: string
  page: ComponentType<PageProps>
}

const page = (load: () => Promise<{ default: ComponentType<PageProps> }>) => lazy(load)

const key = page(() => import('../pages/keys/KeyPage'))
const system = page(() => import('../pages/system/SystemPage'))

export const pageRoutes: PageRoute[] = [
  { path: '/', title: 'Overview', page: page(() => import('../pages/overview/OverviewPage')) },
  { path: '/start', title: 'First request', page: page(() => import('../pages/start/StartPage')) },
  { path: '/keys', title: 'Keys', page: page(() => import('../pages/keys/KeysPage')) },
  { path: '/keys/:id', title: 'Key', page: key },
  { path: '/tiers', title: 'Tiers and limits', page: page(() => import('../pages/tiers/TiersPage')) },
  { path: '/routes', title: 'Routes', page: page(() => import('../pages/routes/RoutesPage')) },
  { path: '/requests', title: 'Requests', page: page(() => import('../pages/requests/RequestsPage')) },
  { path: '/explorer', title: 'Explorer', page: page(() => import('../pages/explorer/ExplorerPage')) },
  { path: '/reports', title: 'Reports', page: page(() => import('../pages/reports/ReportsPage')) },
  { path: '/system', title: 'System', page: system },
  { path: '/system/:tab', title: 'System', page: system },
  { path: '/account', title: 'Your account', page: page(() => import('../pages/account/AccountPage')) },
]
