import { useState } from 'react'
import { Button } from './Button'
import { Dialog, problemText } from './Dialog'
import { Notice } from './states'
import { TableScroll } from './TableScroll'

interface Row {
  field: string
  before: string
  mine: string
  theirs: string
}

interface ConflictProps {
  what: string
  rows: Row[]
  onClose: () => void
  onTheirs: () => void
  onMine: () => Promise<void>
}

/** Two people changed the same thing: both versions side by side, and a choice. */
export function Conflict({ what, rows, onClose, onTheirs, onMine }: ConflictProps) {
  const [problem, setProblem] = useState<string | null>(null)
  const differing = rows.filter((row) => row.mine !== row.theirs || row.before !== row.theirs)
  return (
    <Dialog
      title="Somebody else changed this"
      open
      wide
      onClose={onClose}
      footer={
        <>
          <Button onClick={onTheirs}>Keep theirs</Button>
          <Button kind="primary" onClick={() => void onMine().catch((error: unknown) => setProblem(problemText(error)))}>
            Save mine over it
          </Button>
        </>
      }
    >
      <p>While you edited {what}, another change was saved. Nothing of yours was written yet. Saving yours changes only what you changed.</p>
      <TableScroll label="Both versions">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Before</th>
              <th scope="col">Theirs, saved</th>
              <th scope="col">Yours</th>
            </tr>
          </thead>
          <tbody>
            {differing.map((row) => (
              <tr key={row.field}>
                <th scope="row">{row.field}</th>
                <td>{row.before || '–'}</td>
                <td className={row.theirs === row.before ? '' : 'strong'}>{row.theirs || '–'}</td>
                <td className={row.mine === row.before ? '' : 'strong'}>{row.mine || '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      {problem === null ? null : <Notice tone="bad">{problem}</Notice>}
    </Dialog>
  )
}
