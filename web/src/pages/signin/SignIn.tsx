import { useState, type FormEvent } from 'react'
import { ApiError } from '../../api/client'
import { Mark } from '../../app/Shell'
import { useMe, useSession } from '../../app/session'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { TextField } from '../../ui/Field'
import { Notice } from '../../ui/states'
import './signin.css'

export function SignIn() {
  return (
    <main className="alone sign-in">
      <div className="card sign-in-card">
        <div className="sign-in-brand">
          <Mark />
          <h1>Sign in to Tollgate</h1>
        </div>
        <SignInForm />
        <p className="muted small">
          First time here? The first start printed a password for <code>admin</code>, and keeps it in <code>admin-password</code> in the data
          directory.
        </p>
      </div>
    </main>
  )
}

/** Over the page that was open: it stays, and goes on where it was. */
export function SignInAgain() {
  const me = useMe()
  return (
    <Dialog title="Your session is over" open onClose={() => {}} sticky>
      <p className="secondary">Sign in again to go on where you were. Nothing on this page is lost.</p>
      <SignInForm name={me.name} />
    </Dialog>
  )
}

function SignInForm({ name = '' }: { name?: string }) {
  const { signIn } = useSession()
  const [username, setUsername] = useState(name)
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      await signIn(username, password)
    } catch (error) {
      setProblem(reason(error))
      setBusy(false)
    }
  }
  return (
    <form className="stack" onSubmit={(event) => void send(event)}>
      <TextField
        label="User name"
        name="username"
        autoComplete="username"
        autoFocus={name === ''}
        required
        value={username}
        onChange={(event) => setUsername(event.target.value)}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        autoFocus={name !== ''}
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {problem === null ? null : <Notice tone="bad">{problem}</Notice>}
      <Button type="submit" kind="primary" busy={busy}>
        {busy ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  )
}

function reason(error: unknown): string {
  if (!(error instanceof ApiError)) return 'Tollgate does not answer. Try again in a moment.'
  if (error.status === 401) return 'User name or password is wrong.'
  if (error.status === 404) return 'This server has no sessions for the dashboard: it is an older version.'
  return error.message
}
