import { Menu as Base } from '@base-ui/react/menu'
import type { ReactNode } from 'react'
import { Icon, type IconName } from './Icon'

export interface MenuAction {
  label: string
  icon?: IconName
  danger?: boolean
  disabled?: boolean
  run: () => void
}

export function Menu({
  label,
  trigger,
  triggerClass = 'button icon',
  actions,
  header,
}: {
  label: string
  trigger: ReactNode
  triggerClass?: string
  actions: MenuAction[]
  header?: ReactNode
}) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger className={triggerClass} aria-label={label}>
        {trigger}
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={6} align="end">
          <Base.Popup className="menu">
            {header}
            {actions.map((action) => (
              <Base.Item
                key={action.label}
                className={`menu-item ${action.danger === true ? 'danger' : ''}`}
                disabled={action.disabled ?? false}
                onClick={action.run}
              >
                {action.icon === undefined ? null : <Icon name={action.icon} size={14} />}
                {action.label}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
