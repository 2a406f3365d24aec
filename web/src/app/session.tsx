// Who is signed in, and whether the server can be reached. Pages read it; only this file changes it.
import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { ApiError, call, listeners, OfflineError } from '../api/client'
import type { Me, Role } from '../api/types'

export type SessionState =
  | { kind: 'loading' }
  | { kind: 'offline' }
  | { kind: 'signedOut' }
  /** `expired`: the page stays as it is, behind a question for the password. */
  | { kind: 'signedIn'; me: Me; expired: boolean }

interface SessionValue {
  state: SessionState
  reached: boolean
  signIn: (username: string, password: string) => Promise<void>
  signOut: () => Promise<void>
}

const Context = createContext<SessionValue | null>(null)

async function fetchMe(): Promise<Me> {
  const { data } = await call<Me & { username?: string; tokenExpiresAt?: string }>('/api/admin/me', { quiet: true })
  return { name: data.name ?? data.username ?? '', role: data.role, expiresAt: data.expiresAt ?? data.tokenExpiresAt ?? '', via: data.via ?? 'token' }
}

export function SessionProvider({ children, alsoWaitFor }: { children: ReactNode; alsoWaitFor: Promise<void> }) {
  const [state, setState] = useState<SessionState>({ kind: 'loading' })
  const [reached, setReached] = useState(true)
  const client = useQueryClient()

  const look = useCallback(async () => {
    try {
      const [me] = await Promise.all([fetchMe(), alsoWaitFor])
      setState({ kind: 'signedIn', me, expired: false })
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) setState({ kind: 'signedOut' })
      else setState((now) => (now.kind === 'signedIn' ? now : { kind: 'offline' }))
    }
  }, [alsoWaitFor])

  useEffect(() => {
    listeners.unauthenticated = () => setState((now) => (now.kind === 'signedIn' ? { ...now, expired: true } : now))
    listeners.reached = setReached
    void look()
  }, [look])

  // A page that found no server at its first look goes on looking.
  useEffect(() => {
    if (state.kind !== 'offline') return
    const timer = setInterval(() => void look(), 2000)
    return () => clearInterval(timer)
  }, [state.kind, look])

  const signIn = useCallback(
    async (username: string, password: string) => {
      await call('/api/admin/sessions', { method: 'POST', body: { username, password }, quiet: true })
      await look()
      await client.invalidateQueries()
    },
    [client, look],
  )

  const signOut = useCallback(async () => {
    try {
      await call('/api/admin/sessions/current', { method: 'DELETE', quiet: true })
    } catch (error) {
      if (error instanceof OfflineError) throw error
    }
    client.clear()
    setState({ kind: 'signedOut' })
  }, [client])

  const value = useMemo(() => ({ state, reached, signIn, signOut }), [state, reached, signIn, signOut])
  return <Context value={value}>{children}</Context>
}

export function useSession(): SessionValue {
  const value = use(Context)
  if (value === null) throw new Error('useSession outside of SessionProvider')
  return value
}

export function useMe(): Me {
  const { state } = useSession()
  if (state.kind !== 'signedIn') throw new Error('useMe before sign-in')
  return state.me
}

const rank: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 }

/** Whether the signed-in person may do what needs this role. The server decides; this only keeps from offering what it would refuse. */
export function useMay(role: Role): boolean {
  return rank[useMe().role] >= rank[role]
}
