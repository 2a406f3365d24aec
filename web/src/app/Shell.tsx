// What stands around every page: where one can go, who one is, and whether the server answers.
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { Icon, type IconName } from '../ui/Icon'
import { Menu } from '../ui/Menu'
import { Button } from '../ui/Button'
import { Badge } from '../ui/bits'
import { toastBad } from '../ui/Toast'
import { SignInAgain } from '../pages/signin/SignIn'
import { Link, navigate, usePath } from './router'
import { useMe, useSession } from './session'
import { Shortcuts } from './Shortcuts'
import { chooseTheme, useTheme } from './theme'

export const places: { to: string; name: string; icon: IconName; letter: string }[] = [
  { to: '/', name: 'Overview', icon: 'overview', letter: 'o' },
  { to: '/keys', name: 'Keys', icon: 'key', letter: 'k' },
  { to: '/tiers', name: 'Tiers and limits', icon: 'tiers', letter: 't' },
  { to: '/routes', name: 'Routes', icon: 'routes', letter: 'r' },
  { to: '/requests', name: 'Requests', icon: 'requests', letter: 'l' },
  { to: '/explorer', name: 'Explorer', icon: 'explorer', letter: 'e' },
  { to: '/reports', name: 'Reports', icon: 'reports', letter: 'u' },
  { to: '/system', name: 'System', icon: 'system', letter: 's' },
]

export function Shell({ children }: { children: ReactNode }) {
  const { state, reached } = useSession()
  const path = usePath()
  const main = useRef<HTMLElement>(null)
  const [open, setOpen] = useState(false)
  useEffect(() => {
    setOpen(false)
    window.scrollTo(0, 0)
  }, [path])
  return (
    <div className="shell">
      <a className="skip button" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the page
      </a>
      <header className="side" data-open={open || undefined}>
        <div className="side-top">
          <Link to="/" className="brand">
            <Mark />
            <span>Tollgate</span>
          </Link>
          <button
            type="button"
            className="button quiet icon side-toggle"
            aria-expanded={open}
            aria-controls="places"
            aria-label="Menu"
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? 'close' : 'menu'} />
          </button>
        </div>
        <nav id="places" aria-label="Pages">
          <ul>
            {places.map((place) => (
              <li key={place.to}>
                <Link to={place.to} className="place" aria-current={isAt(path, place.to) ? 'page' : undefined}>
                  <Icon name={place.icon} />
                  {place.name}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="side-foot">
          <ThemeButton />
          <Account />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {reached ? null : (
          <div className="offline" role="status">
            <Icon name="unplug" size={14} />
            Tollgate does not answer. What you see is from before; the page goes on by itself when it is back.
          </div>
        )}
        {children}
      </main>
      {state.kind === 'signedIn' && state.expired ? <SignInAgain /> : null}
      <Shortcuts />
    </div>
  )
}

function isAt(path: string, place: string): boolean {
  return place === '/' ? path === '/' : path === place || path.startsWith(`${place}/`)
}

export function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#4f46e5" />
      <path d="M9 8v16M9 12h15" stroke="#fff" strokeWidth="3" strokeLinecap="round" fill="none" />
      <circle cx="9" cy="12" r="3" fill="#fff" />
    </svg>
  )
}

function ThemeButton() {
  const theme = useTheme()
  const other = theme === 'dark' ? 'light' : 'dark'
  return (
    <Button kind="quiet" size="icon" aria-label={`Use the ${other} theme`} title={`Use the ${other} theme`} onClick={() => chooseTheme(other)}>
      <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
    </Button>
  )
}

function Account() {
  const me = useMe()
  const { signOut } = useSession()
  return (
    <Menu
      label={`Account of ${me.name}`}
      triggerClass="button quiet account"
      trigger={
        <>
          <Icon name="user" />
          <span className="truncate">{me.name}</span>
        </>
      }
      header={
        <div className="menu-head">
          <span className="strong">{me.name}</span>
          <Badge>{me.role}</Badge>
        </div>
      }
      actions={[
        { label: 'Password and sessions', icon: 'lock', run: () => navigate('/account') },
        { label: 'Use the system’s theme', icon: 'sun', run: () => chooseTheme('system') },
        { label: 'Sign out', icon: 'arrow', run: () => void signOut().catch(() => toastBad('Tollgate does not answer: you are still signed in.')) },
      ]}
    />
  )
}
