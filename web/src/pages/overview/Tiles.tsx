import type { ReactNode } from 'react'
import { change } from '../../lib/format'

export interface Tile {
  name: string
  value: string
  /** The exact figure, where the value is shortened. */
  exact?: string
  note?: ReactNode
  now?: number
  before?: number | undefined
  tone?: 'bad' | 'warn' | undefined
}

/** The page's figures, in one row. */
export function Tiles({ tiles }: { tiles: Tile[] }) {
  return (
    <dl className="tiles card">
      {tiles.map((tile) => (
        <div key={tile.name} className="tile">
          <dt>{tile.name}</dt>
          <dd>
            <span className={`tile-value ${tile.tone ?? ''}`} title={tile.exact}>
              {tile.value}
            </span>
            {tile.before === undefined || tile.now === undefined ? null : <span className="tile-note">{compared(tile.now, tile.before)}</span>}
            {tile.note === undefined ? null : <span className="tile-note">{tile.note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function compared(now: number, before: number): string {
  return before === 0 ? 'none before' : `${change(now, before)} on before`
}
