// The History API and nothing more: a path, a search, links. Everything a page shows is in these two.
import { useCallback, useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from 'react'
import { withParams } from '../lib/url'

const changed = new Set<() => void>()

function notify() {
  for (const listener of changed) listener()
}

function subscribe(listener: () => void) {
  changed.add(listener)
  window.addEventListener('popstate', listener)
  return () => {
    changed.delete(listener)
    window.removeEventListener('popstate', listener)
  }
}

export function navigate(to: string, options: { replace?: boolean } = {}) {
  if (options.replace === true) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  notify()
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname)
}

export function useSearch(): string {
  return useSyncExternalStore(subscribe, () => location.search)
}

/** Changes several parameters at once; of the page that is open, and without a step in the history unless asked for. */
export function setParams(changes: Record<string, string | null>, options: { push?: boolean } = {}) {
  navigate(location.pathname + withParams(location.search, changes), { replace: options.push !== true })
}

/** One parameter of the URL, and how to change it. The fallback is not written into the URL. */
export function useParam(name: string, fallback = ''): [string, (value: string, options?: { push?: boolean }) => void] {
  const value = new URLSearchParams(useSearch()).get(name) ?? fallback
  const set = useCallback(
    (next: string, options?: { push?: boolean }) => setParams({ [name]: next === fallback ? null : next }, options),
    [name, fallback],
  )
  return [value, set]
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { to: string }

/** A link that a middle click, a modifier or "open in a new tab" treats as any other. */
export function Link({ to, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(to)
  }
  return <a {...rest} href={to} onClick={follow} />
}
