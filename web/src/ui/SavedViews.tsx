import { useState } from 'react'
import { navigate, usePath, useSearch } from '../app/router'
import { readSaved, type Saved } from '../lib/saved'
import { Button } from './Button'
import { FormDialog } from './Dialog'
import { TextField } from './Field'
import { Icon } from './Icon'
import { Menu } from './Menu'
import { toast } from './Toast'

/** The page's filters under a name, in this browser; a link carries them to others. */
export function SavedViews({ place, suggested }: { place: string; suggested: string }) {
  const storage = `tollgate.saved.${place}`
  const [saved, setSaved] = useState(() => readSaved(localStorage.getItem(storage)))
  const [naming, setNaming] = useState(false)
  const [removing, setRemoving] = useState(false)
  const path = usePath()
  const search = useSearch()
  const store = (next: Saved[]) => {
    localStorage.setItem(storage, JSON.stringify(next))
    setSaved(next)
  }
  return (
    <>
      <Menu
        label="Saved views"
        triggerClass="button small"
        trigger={
          <>
            Saved <Icon name="fall" size={12} />
          </>
        }
        actions={[
          ...saved.map((one) => ({ label: one.name, run: () => navigate(path + one.search) })),
          { label: 'Save this view…', icon: 'plus' as const, run: () => setNaming(true) },
          ...(saved.length > 0 ? [{ label: 'Remove one…', icon: 'close' as const, run: () => setRemoving(true) }] : []),
        ]}
      />
      {naming ? (
        <NameView
          suggested={suggested}
          onClose={() => setNaming(false)}
          onName={(name) => {
            store([...saved.filter((one) => one.name !== name), { name, search }])
            toast(`Saved as “${name}” in this browser. Its link works anywhere.`)
            setNaming(false)
          }}
        />
      ) : null}
      {removing ? (
        <FormDialog title="Saved views" submit="Done" onClose={() => setRemoving(false)} onSubmit={async () => Promise.resolve(setRemoving(false))}>
          <ul className="stack tight">
            {saved.map((one) => (
              <li key={one.name} className="row between">
                <span className="truncate">{one.name}</span>
                <Button size="small" kind="danger" aria-label={`Remove ${one.name}`} onClick={() => store(saved.filter((other) => other !== one))}>
                  Remove
                </Button>
              </li>
            ))}
          </ul>
        </FormDialog>
      ) : null}
    </>
  )
}

function NameView({ suggested, onClose, onName }: { suggested: string; onClose: () => void; onName: (name: string) => void }) {
  const [name, setName] = useState(suggested)
  return (
    <FormDialog
      title="Save this view"
      submit="Save"
      onClose={onClose}
      onSubmit={async () => (name.trim() === '' ? Promise.reject(new Error('It needs a name.')) : Promise.resolve(onName(name.trim())))}
    >
      <TextField label="Name" value={name} onChange={(event) => setName(event.target.value)} autoFocus />
    </FormDialog>
  )
}
