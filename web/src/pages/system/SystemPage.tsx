import { lazy, Suspense, type ComponentType } from 'react'
import type { PageProps } from '../../app/pages'
import { Link } from '../../app/router'
import { PageHead } from '../../ui/bits'
import { Empty, Loading } from '../../ui/states'
import { Services } from './Services'
import './system.css'

const tabs: { name: string; title: string; view: ComponentType }[] = [
  { name: '', title: 'Services', view: Services },
  { name: 'users', title: 'Users', view: lazy(() => import('./Users')) },
  { name: 'audit', title: 'Audit', view: lazy(() => import('./Audit')) },
  { name: 'config', title: 'Configuration', view: lazy(() => import('./Config')) },
]

export default function SystemPage({ params }: PageProps) {
  const tab = tabs.find(({ name }) => name === (params.tab ?? ''))
  return (
    <>
      <PageHead title="System" />
      <nav className="tabs" aria-label="Parts of the system">
        {tabs.map(({ name, title }) => (
          <Link key={name} to={name === '' ? '/system' : `/system/${name}`} className="tab" aria-current={tab?.name === name ? 'page' : undefined}>
            {title}
          </Link>
        ))}
      </nav>
      {tab === undefined ? (
        <Empty title="There is no such part" />
      ) : (
        <Suspense fallback={<Loading rows={6} />}>
          <tab.view />
        </Suspense>
      )}
    </>
  )
}
