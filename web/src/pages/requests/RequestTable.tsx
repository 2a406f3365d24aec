import type { ReactNode } from 'react'
import type { LoggedRequest } from '../../api/types'
import { setParams } from '../../app/router'
import { VirtualTable } from '../../ui/VirtualTable'
import { requestColumns } from './columns'

/** An id may come twice, since clients may choose it; a place in a gateway's log does not. */
const rowId = (row: LoggedRequest) => `${row.ring} ${row.sequence}`

export function RequestTable({ rows, openId, onEnd, footer }: { rows: LoggedRequest[]; openId: string; onEnd?: () => void; footer?: ReactNode }) {
  const open = rows.find((row) => row.id === openId)
  return (
    <VirtualTable
      label="Requests"
      rows={rows}
      columns={requestColumns}
      rowId={rowId}
      onOpen={(row) => setParams({ id: row.id }, { push: true })}
      openId={open === undefined ? null : rowId(open)}
      {...(onEnd === undefined ? {} : { onEnd })}
      footer={footer}
      above={300}
    />
  )
}
