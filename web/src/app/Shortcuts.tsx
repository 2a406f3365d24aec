// Keys for those who know them: g and a letter goes to a page, / to the search of a page, ? tells all of them. Never while something is typed.
import { useEffect, useRef, useState } from 'react'
import { Dialog } from '../ui/Dialog'
import { navigate } from './router'
import { places } from './Shell'

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

export function Shortcuts() {
  const [help, setHelp] = useState(false)
  const goes = useRef(0)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('.dialog, .drawer')) return
      const afterG = Date.now() - goes.current < 1500
      goes.current = 0
      if (event.key === 'g') goes.current = Date.now()
      else if (event.key === '?') setHelp(true)
      else if (event.key === '/') {
        const search = document.querySelector<HTMLInputElement>('main input[type=search]')
        if (search !== null) {
          event.preventDefault()
          search.focus()
          search.select()
        }
      } else if (afterG) {
        const place = places.find(({ letter }) => letter === event.key)
        if (place !== undefined) navigate(place.to)
      }
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return (
    <Dialog title="Keyboard" open={help} onClose={() => setHelp(false)}>
      <dl className="facts">
        {places.map(({ letter, name }) => (
          <Pair key={letter} keys={`g ${letter}`} what={name} />
        ))}
        <Pair keys="/" what="Search on this page" />
        <Pair keys="?" what="This list" />
        <Pair keys="Esc" what="Close what is open" />
      </dl>
    </Dialog>
  )
}

function Pair({ keys, what }: { keys: string; what: string }) {
  return (
    <>
      <dt>
        <kbd className="mono">{keys}</kbd>
      </dt>
      <dd>{what}</dd>
    </>
  )
}
