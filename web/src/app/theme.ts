// Light or dark: what the system says, unless the person chose. `data-theme` is what the style sheet reads.
import { useSyncExternalStore } from 'react'

export type Choice = 'system' | 'light' | 'dark'
export type Theme = 'light' | 'dark'

const dark = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

function choice(): Choice {
  const stored = localStorage.getItem('tollgate.theme')
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

function current(): Theme {
  const chosen = choice()
  return chosen === 'system' ? (dark.matches ? 'dark' : 'light') : chosen
}

function apply() {
  document.documentElement.dataset.theme = current()
  for (const listener of listeners) listener()
}

export function startTheme() {
  apply()
  dark.addEventListener('change', apply)
}

export function chooseTheme(next: Choice) {
  if (next === 'system') localStorage.removeItem('tollgate.theme')
  else localStorage.setItem('tollgate.theme', next)
  apply()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, current)
}
