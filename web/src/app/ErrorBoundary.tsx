import { Component, type ReactNode } from 'react'
import { Button } from '../ui/Button'
import { Empty } from '../ui/states'

/** A page that breaks takes nothing else down, and says what can be done. A page whose file is gone is of an older version: it is loaded anew. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override render() {
    const { error } = this.state
    if (error === null) return this.props.children
    const gone = /dynamically imported module|module script/i.test(error.message)
    return (
      <Empty
        icon="warn"
        title={gone ? 'The dashboard was updated' : 'This page has a fault'}
        action={<Button onClick={() => location.reload()}>Load the page again</Button>}
      >
        {gone ? 'This page belongs to the version before.' : error.message}
      </Empty>
    )
  }
}
