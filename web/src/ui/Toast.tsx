import { Toast } from '@base-ui/react/toast'
import { Icon } from './Icon'

const manager = Toast.createToastManager()

/** Says what was done, for five seconds; with a way back where there is one. */
export function toast(text: string, undo?: { label: string; run: () => void }) {
  const id = manager.add({
    description: text,
    timeout: undo === undefined ? 5000 : 10_000,
    ...(undo === undefined
      ? {}
      : {
          actionProps: {
            children: undo.label,
            onClick: () => {
              manager.close(id)
              undo.run()
            },
          },
        }),
  })
}

export function toastBad(text: string) {
  manager.add({ description: text, timeout: 10_000, type: 'bad', priority: 'high' })
}

export function Toasts() {
  return (
    <Toast.Provider toastManager={manager}>
      <Toast.Portal>
        <Toast.Viewport className="toasts">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function List() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((item) => (
    <Toast.Root key={item.id} toast={item} className="toast">
      <Toast.Description className="text" />
      {item.actionProps === undefined ? null : <Toast.Action className="button small" />}
      <Toast.Close className="button quiet icon small" aria-label="Dismiss">
        <Icon name="close" size={14} />
      </Toast.Close>
    </Toast.Root>
  ))
}
