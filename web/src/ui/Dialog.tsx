import { Dialog as Base } from '@base-ui/react/dialog'
import { useState, type FormEvent, type ReactNode } from 'react'
import { ApiError } from '../api/client'
import { Button } from './Button'
import { Icon } from './Icon'
import { Notice } from './states'

interface DialogProps {
  title: string
  open: boolean
  onClose: () => void
  children: ReactNode
  footer?: ReactNode
  wide?: boolean
  /** Clicks beside it and Escape do nothing: what it shows is shown once. */
  sticky?: boolean
}

export function Dialog({ title, open, onClose, children, footer, wide = false, sticky = false }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={(next, details) => (next || (sticky && details.reason !== 'close-press') ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="dialog-backdrop" />
        <Base.Popup className={`dialog ${wide ? 'wide' : ''}`}>
          <Head title={title} closable={!sticky} />
          <div className="dialog-body">{children}</div>
          {footer === undefined ? null : <div className="dialog-foot">{footer}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

function Head({ title, closable = true }: { title: ReactNode; closable?: boolean }) {
  return (
    <div className="dialog-head">
      <Base.Title>{title}</Base.Title>
      {closable ? (
        <Base.Close className="button quiet icon" aria-label="Close">
          <Icon name="close" />
        </Base.Close>
      ) : null}
    </div>
  )
}

/** What a person looks at beside the page, which stays where it is. */
export function Drawer({ title, open, onClose, children }: { title: ReactNode; open: boolean; onClose: () => void; children: ReactNode }) {
  return (
    <Base.Root open={open} onOpenChange={(next) => (next ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="dialog-backdrop" />
        <Base.Popup className="drawer">
          <Head title={title} />
          <div className="dialog-body">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

interface FormDialogProps {
  title: string
  onClose: () => void
  /** Closes when it comes back; what it throws is shown, and the form stays as it was filled in. */
  onSubmit: () => Promise<void>
  submit: string
  danger?: boolean
  refused?: string | null
  wide?: boolean
  children: ReactNode
}

/** A form in a dialog: one submission at a time, errors beside the button. */
export function FormDialog({ title, onClose, onSubmit, submit, danger = false, refused, wide = false, children }: FormDialogProps) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || refused) return
    setBusy(true)
    setProblem(null)
    try {
      await onSubmit()
    } catch (error) {
      setProblem(problemText(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Base.Root open onOpenChange={(next) => (next ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="dialog-backdrop" />
        <Base.Popup className={`dialog ${wide ? 'wide' : ''}`}>
          <form onSubmit={(event) => void send(event)} noValidate>
            <Head title={title} />
            <div className="dialog-body">
              {children}
              {problem === null ? null : <Notice tone="bad">{problem}</Notice>}
            </div>
            <div className="dialog-foot">
              <Base.Close className="button">Cancel</Base.Close>
              <Button type="submit" kind={danger ? 'danger-primary' : 'primary'} busy={busy} refused={refused}>
                {busy ? 'One moment…' : submit}
              </Button>
            </div>
          </form>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

/** What went wrong, with the fields that the server named. */
export function problemText(error: unknown): string {
  if (!(error instanceof Error)) return 'Something went wrong.'
  const fields = error instanceof ApiError ? (error.problem.errors ?? []) : []
  return [error.message, ...fields.map((field) => `${field.pointer.replace(/^\//, '')}: ${field.detail}`)].join(' ')
}
