import type { ButtonHTMLAttributes, ReactNode } from 'react'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: 'plain' | 'primary' | 'danger' | 'danger-primary' | 'quiet'
  size?: 'normal' | 'small' | 'icon'
  /** Not to be pressed, and why: said on hover and to screen readers; it stays focusable. */
  refused?: string | null | undefined
  busy?: boolean
  children: ReactNode
}

const kinds = { plain: '', primary: 'primary', danger: 'danger', 'danger-primary': 'danger primary', quiet: 'quiet' }

export function Button({
  kind = 'plain',
  size = 'normal',
  refused,
  busy = false,
  className = '',
  onClick,
  title,
  children,
  type = 'button',
  ...rest
}: ButtonProps) {
  const off = Boolean(refused) || busy
  return (
    <button
      {...rest}
      type={type}
      className={`button ${kinds[kind]} ${size === 'normal' ? '' : size} ${className}`}
      aria-disabled={off || undefined}
      title={refused ?? title}
      onClick={(event) => {
        if (off) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {children}
    </button>
  )
}

/** What a role lacks, as the reason of a button that is not to be pressed. */
export function needs(may: boolean, role: 'operator' | 'admin'): string | null {
  return may ? null : `Needs the role ${role}. Ask an admin.`
}
