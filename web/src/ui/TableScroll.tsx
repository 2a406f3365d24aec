import type { ReactNode } from 'react'

/** A table that may be wider than its card: it scrolls by itself, with a mouse, a finger or the arrow keys. */
export function TableScroll({ label, className = '', children }: { label: string; className?: string; children: ReactNode }) {
  return (
    <div className={`table-scroll ${className}`} tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  )
}
