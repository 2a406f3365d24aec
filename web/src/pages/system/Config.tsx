import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, call, get } from '../../api/client'
import type { ConfigDiff, ConfigProblem } from '../../api/types'
import { useMay } from '../../app/session'
import { download } from '../../lib/csv'
import { plural } from '../../lib/format'
import { Button, needs } from '../../ui/Button'
import { Card } from '../../ui/bits'
import { FormDialog, problemText } from '../../ui/Dialog'
import { TextArea, TextField } from '../../ui/Field'
import { Await, Notice } from '../../ui/states'
import { toast } from '../../ui/Toast'
import { TableScroll } from '../../ui/TableScroll'

const yaml = (text: string) => ({ type: 'application/yaml', text })

/** What is in force, and what another file would change: looked at first, applied second. */
export default function Config() {
  const current = useQuery({ queryKey: ['config'], queryFn: ({ signal }) => get<string>('/api/admin/config/export', signal), retry: false })
  return (
    <Await query={current} what="The configuration" rows={8}>
      {(text) => (
        <div className="grid-2">
          <Card
            title="In force"
            aside={
              <Button size="small" onClick={() => download('tollgate.yaml', text, 'application/yaml')}>
                Download
              </Button>
            }
          >
            <pre className="config body" tabIndex={0} aria-label="The configuration in force">
              {text}
            </pre>
          </Card>
          <Try current={text} onApplied={() => void current.refetch()} />
        </div>
      )}
    </Await>
  )
}

type Result = { kind: 'wrong'; errors: ConfigProblem[] } | { kind: 'diff'; diff: ConfigDiff } | { kind: 'failed'; text: string }

function Try({ current, onApplied }: { current: string; onApplied: () => void }) {
  const mayWrite = useMay('admin')
  const [text, setText] = useState(current)
  const [result, setResult] = useState<Result | null>(null)
  const [applying, setApplying] = useState(false)
  const check = async () => {
    try {
      const { data } = await call<{ valid: boolean; errors: ConfigProblem[] }>('/api/admin/config/validate', { method: 'POST', raw: yaml(text) })
      if (!data.valid) return setResult({ kind: 'wrong', errors: data.errors })
      setResult({ kind: 'diff', diff: (await call<ConfigDiff>('/api/admin/config/diff', { method: 'POST', raw: yaml(text) })).data })
    } catch (error) {
      setResult({ kind: 'failed', text: problemText(error) })
    }
  }
  const canApply = result?.kind === 'diff' && result.diff.changes.length > 0 && result.diff.needsRestart.length === 0
  return (
    <Card title="Try another">
      <div className="body stack">
        <TextArea label="Configuration, as YAML" rows={18} value={text} onChange={(event) => (setText(event.target.value), setResult(null))} />
        <div className="row wrap">
          <Button onClick={() => void check()}>Check and compare</Button>
          <Button
            kind="primary"
            refused={needs(mayWrite, 'admin') ?? (canApply ? null : 'Check first: only what can change while running is applied.')}
            onClick={() => setApplying(true)}
          >
            Apply…
          </Button>
        </div>
        <div aria-live="polite" className="stack">
          {result === null ? null : <ResultView of={result} />}
        </div>
      </div>
      {applying && result?.kind === 'diff' ? (
        <Apply text={text} diff={result.diff} onClose={() => setApplying(false)} onDone={() => (setApplying(false), setResult(null), onApplied())} />
      ) : null}
    </Card>
  )
}

function ResultView({ of }: { of: Result }) {
  if (of.kind === 'failed') return <Notice tone="bad">{of.text}</Notice>
  if (of.kind === 'wrong') {
    return (
      <Notice tone="bad">
        <ul>
          {of.errors.map((error) => (
            <li key={`${error.line} ${error.path}`}>
              {error.line === null ? '' : `Line ${error.line}: `}
              <code>{error.path}</code> {error.detail}
            </li>
          ))}
        </ul>
      </Notice>
    )
  }
  if (of.diff.changes.length === 0) return <Notice tone="good">It is right, and changes nothing.</Notice>
  return (
    <>
      <Notice tone={of.diff.needsRestart.length === 0 ? 'good' : 'warn'}>
        It is right, and changes {plural(of.diff.changes.length, 'setting')}.{' '}
        {of.diff.needsRestart.length === 0 ? (
          'All of it can be applied while running.'
        ) : (
          <>These need a restart with the new file: {of.diff.needsRestart.join(', ')}.</>
        )}
      </Notice>
      <DiffTable diff={of.diff} />
    </>
  )
}

function DiffTable({ diff }: { diff: ConfigDiff }) {
  return (
    <TableScroll label="What it changes">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Now</th>
            <th scope="col">Then</th>
          </tr>
        </thead>
        <tbody>
          {diff.changes.map((change) => (
            <tr key={change.path}>
              <th scope="row">
                <code>{change.path}</code>
              </th>
              <td>
                <code>{shown(change.from)}</code>
              </td>
              <td>
                <code>{shown(change.to)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  )
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '–'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function Apply({ text, diff, onClose, onDone }: { text: string; diff: ConfigDiff; onClose: () => void; onDone: () => void }) {
  const [reason, setReason] = useState('')
  const run = async () => {
    try {
      await call('/api/admin/config/apply', { method: 'POST', raw: yaml(text), reason })
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) throw new Error(`${error.message} Nothing was applied.`)
      throw error
    }
    toast('Applied, and in force.')
    onDone()
  }
  return (
    <FormDialog title="Apply this configuration?" submit="Apply now" onClose={onClose} onSubmit={run} wide>
      <p>It is in force for the next request. The file on disk is not written: put the same into it, or the next start brings back the old.</p>
      <DiffTable diff={diff} />
      <TextField label="Reason (for the audit)" value={reason} onChange={(event) => setReason(event.target.value)} />
    </FormDialog>
  )
}
