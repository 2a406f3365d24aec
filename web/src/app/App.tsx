import { Suspense, useEffect } from 'react'
import { matchPath } from '../lib/url'
import { SignIn } from '../pages/signin/SignIn'
import { Empty, Loading } from '../ui/states'
import { ErrorBoundary } from './ErrorBoundary'
import { pageRoutes } from './pages'
import { Link, usePath } from './router'
import { useSession } from './session'
import { Shell } from './Shell'

export function App() {
  const { state } = useSession()
  if (state.kind === 'loading') return <Loading label="Loading the dashboard" />
  if (state.kind === 'offline') {
    return (
      <main className="alone">
        <Empty icon="unplug" title="Tollgate does not answer">
          It may be starting. This page tries again every two seconds.
        </Empty>
      </main>
    )
  }
  if (state.kind === 'signedOut') return <SignIn />
  return (
    <Shell>
      <CurrentPage />
    </Shell>
  )
}

function CurrentPage() {
  const path = usePath()
  for (const { path: pattern, title, page: Page } of pageRoutes) {
    const params = matchPath(pattern, path)
    if (params === null) continue
    return (
      <ErrorBoundary key={path}>
        <Title text={title} />
        <Suspense fallback={<Loading rows={6} />}>
          <Page params={params} />
        </Suspense>
      </ErrorBoundary>
    )
  }
  return (
    <Empty
      icon="info"
      title="There is no page here"
      action={
        <Link className="button" to="/">
          Go to the overview
        </Link>
      }
    >
      The link may be from another version.
    </Empty>
  )
}

function Title({ text }: { text: string }) {
  useEffect(() => {
    document.title = `${text} · Tollgate`
  }, [text])
  return null
}
