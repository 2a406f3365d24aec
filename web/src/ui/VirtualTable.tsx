// A table of any length: TanStack Table for columns and selection, TanStack Virtual for the rows in sight. It stays a real table, with spacer rows
// for what is above and below, so that columns line up and screen readers know it (aria-rowcount says how long it is).
import { flexRender, getCoreRowModel, useReactTable, type ColumnDef, type RowSelectionState } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, type ReactNode } from 'react'
import { Icon } from './Icon'

export type Column<T> = ColumnDef<T> & { meta?: ColumnMeta }

interface ColumnMeta {
  numeric?: boolean
  wideOnly?: boolean
  className?: string
}

export interface Sorting {
  by: string
  descending: boolean
}

interface VirtualTableProps<T> {
  label: string
  rows: T[]
  columns: Column<T>[]
  rowId: (row: T) => string
  /** What a click on a row does; the row must also hold a link or button that does it. */
  onOpen?: (row: T) => void
  openId?: string | null
  selection?: RowSelectionState
  onSelection?: (selection: RowSelectionState) => void
  sorting?: Sorting | null
  sortable?: string[]
  onSort?: (sorting: Sorting | null) => void
  /** Called when the end comes into sight. */
  onEnd?: () => void
  total?: number | null
  footer?: ReactNode
  /** Rows with two lines. */
  tall?: boolean
  /** Pixels that the page needs above and below. */
  above?: number
}

const heights = { normal: 38, tall: 48 }

export function VirtualTable<T>(props: VirtualTableProps<T>) {
  const { label, rows, columns, rowId, onOpen, openId, selection, onSelection, onEnd, total, footer, above = 250, tall = false } = props
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (tall ? heights.tall : heights.normal),
    overscan: 12,
    initialRect: { width: 1000, height: 700 },
  })
  const items = virtual.getVirtualItems()
  const [from, to] = [items[0]?.index ?? 0, (items.at(-1)?.index ?? -1) + 1]
  // The table is told of the rows in sight only: a model of a hundred thousand would be made anew with each page that comes.
  const inSight = useMemo(() => rows.slice(from, to), [rows, from, to])
  const table = useReactTable({
    data: inSight,
    columns,
    getRowId: rowId,
    getCoreRowModel: getCoreRowModel(),
    manualSorting: true,
    enableRowSelection: onSelection !== undefined,
    state: { rowSelection: selection ?? {} },
    onRowSelectionChange: (update) => onSelection?.(typeof update === 'function' ? update(selection ?? {}) : update),
  })
  const last = items.at(-1)?.index ?? -1
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 20) onEnd?.()
  }, [last, rows.length, onEnd])
  const modelRows = table.getRowModel().rows
  const padTop = items[0]?.start ?? 0
  const padBottom = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    <>
      <div
        ref={scroller}
        className="table-scroll tall"
        tabIndex={0}
        role="region"
        aria-label={label}
        style={{ '--table-above': `${above}px` } as object}
      >
        <table className={`table fixed-rows ${tall ? 'tall-rows' : ''}`} aria-rowcount={total ?? rows.length}>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header) => (
                  <HeaderCell key={header.id} id={header.column.id} meta={(header.column.columnDef as Column<T>).meta} {...props}>
                    {flexRender(header.column.columnDef.header, header.getContext())}
                  </HeaderCell>
                ))}
              </tr>
            ))}
          </thead>
          <tbody>
            <Pad height={padTop} columns={columns.length} />
            {items.map((item) => {
              const row = modelRows[item.index - from]
              if (row === undefined) return null
              const open = onOpen
              return (
                <tr
                  key={row.id}
                  aria-rowindex={item.index + 2}
                  data-selected={row.getIsSelected() || row.id === openId || undefined}
                  className={open === undefined ? '' : 'open-row'}
                  onClick={open === undefined ? undefined : (event) => (isControl(event.target) ? undefined : open(row.original))}
                >
                  {row.getVisibleCells().map((cell) => (
                    <td key={cell.id} className={classOf((cell.column.columnDef as Column<T>).meta)}>
                      {flexRender(cell.column.columnDef.cell, cell.getContext())}
                    </td>
                  ))}
                </tr>
              )
            })}
            <Pad height={padBottom} columns={columns.length} />
          </tbody>
        </table>
      </div>
      {footer}
    </>
  )
}

function Pad({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null
  return (
    <tr className="pad" aria-hidden="true">
      <td colSpan={columns} style={{ height }} />
    </tr>
  )
}

function classOf(meta: ColumnMeta | undefined): string {
  return [meta?.numeric === true ? 'num' : '', meta?.wideOnly === true ? 'wide-only' : '', meta?.className ?? ''].join(' ').trim()
}

function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a, button, input, label, select') !== null
}

interface HeaderCellProps {
  id: string
  meta: ColumnMeta | undefined
  children: ReactNode
  sorting?: Sorting | null
  sortable?: string[]
  onSort?: (sorting: Sorting | null) => void
}

function HeaderCell({ id, meta, children, sorting, sortable = [], onSort }: HeaderCellProps) {
  const can = sortable.includes(id) && onSort !== undefined
  const mine = sorting?.by === id ? sorting : null
  return (
    <th scope="col" className={classOf(meta)} aria-sort={can ? (mine === null ? 'none' : mine.descending ? 'descending' : 'ascending') : undefined}>
      {can ? (
        <button
          type="button"
          className="sort"
          onClick={() => onSort(mine === null ? { by: id, descending: false } : mine.descending ? null : { by: id, descending: true })}
        >
          {children}
          {mine === null ? null : <Icon name={mine.descending ? 'fall' : 'up'} size={12} />}
        </button>
      ) : (
        children
      )}
    </th>
  )
}
