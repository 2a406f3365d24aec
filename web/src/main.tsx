import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api/client'
import { App } from './app/App'
import { preload } from './app/pages'
import { SessionProvider } from './app/session'
import { startTheme } from './app/theme'
import { Toasts } from './ui/Toast'
import './ui/tokens.css'
import './ui/base.css'
import './ui/controls.css'
import './ui/surface.css'
import './ui/table.css'
import './app/shell.css'

startTheme()
const firstPage = preload(location.pathname)

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server answered is not asked again by itself; silence is, until it ends.
      retry: (failures, error) => !(error instanceof ApiError && error.status < 500) && failures < 1000,
      retryDelay: (attempt) => Math.min(5000, 500 * 2 ** attempt),
      staleTime: 2000,
      networkMode: 'always',
      throwOnError: false,
    },
    mutations: { networkMode: 'always' },
  },
})

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>
        <SessionProvider alsoWaitFor={firstPage}>
          <App />
        </SessionProvider>
        <Toasts />
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
)
