import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, get, idempotencyKey } from '../../api/client'
import type { Page, Role, User } from '../../api/types'
import { useMay, useMe } from '../../app/session'
import { Button, needs } from '../../ui/Button'
import { Badge, Card, Time } from '../../ui/bits'
import { FormDialog, problemText } from '../../ui/Dialog'
import { SelectField, TextField } from '../../ui/Field'
import { Icon } from '../../ui/Icon'
import { Menu } from '../../ui/Menu'
import { Await } from '../../ui/states'
import { toast, toastBad } from '../../ui/Toast'
import { TableScroll } from '../../ui/TableScroll'

const pathOf = (name: string) => `/api/admin/users/${encodeURIComponent(name)}`
const roles = [
  ['viewer', 'viewer: sees everything but users'],
  ['operator', 'operator: changes keys'],
  ['admin', 'admin: everything'],
] as const

type Asking = { what: 'new' } | { what: 'role' | 'password' | 'delete'; user: User } | null

export default function Users() {
  const client = useQueryClient()
  const me = useMe()
  const mayWrite = useMay('admin')
  const users = useQuery({
    queryKey: ['users'],
    queryFn: ({ signal }) => get<Page<User>>('/api/admin/users', signal).then((p) => p.data),
    retry: false,
  })
  const [asking, setAsking] = useState<Asking>(null)
  const refresh = () => client.invalidateQueries({ queryKey: ['users'] })
  const close = () => setAsking(null)
  const act = async (run: () => Promise<unknown>, said: string) => {
    try {
      await run()
      await refresh()
      toast(said)
    } catch (error) {
      toastBad(problemText(error))
    }
  }
  return (
    <Card
      title="Users"
      aside={
        <Button size="small" kind="primary" refused={needs(mayWrite, 'admin')} onClick={() => setAsking({ what: 'new' })}>
          <Icon name="plus" size={14} />
          New user
        </Button>
      }
    >
      <Await query={users} what="The list of users">
        {(data) => (
          <TableScroll label="Users">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Role</th>
                  <th scope="col">State</th>
                  <th scope="col">Made</th>
                  <th scope="col">
                    <span className="visually-hidden">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.map((user) => (
                  <tr key={user.name}>
                    <td className="strong">
                      {user.name} {user.name === me.name ? <Badge tone="accent">you</Badge> : null}
                    </td>
                    <td>{user.role}</td>
                    <td>
                      {user.disabled ? (
                        <Badge icon="stop">Disabled</Badge>
                      ) : (
                        <Badge tone="good" icon="check">
                          Active
                        </Badge>
                      )}
                    </td>
                    <td>
                      <Time at={user.createdAt} relative />
                    </td>
                    <td className="num">
                      <Menu
                        label={`Actions for ${user.name}`}
                        trigger={<Icon name="more" />}
                        triggerClass="button quiet icon small"
                        actions={[
                          { label: 'Change role…', run: () => setAsking({ what: 'role', user }) },
                          { label: 'Set a password…', run: () => setAsking({ what: 'password', user }) },
                          {
                            label: 'End all sessions',
                            run: () =>
                              void act(() => call(`${pathOf(user.name)}/sessions`, { method: 'DELETE' }), `${user.name} is signed out everywhere.`),
                          },
                          user.disabled
                            ? {
                                label: 'Enable',
                                run: () =>
                                  void act(
                                    () => call(pathOf(user.name), { method: 'PATCH', body: { disabled: false } }),
                                    `${user.name} may sign in again.`,
                                  ),
                              }
                            : {
                                label: 'Disable',
                                disabled: user.name === me.name,
                                run: () =>
                                  void act(
                                    () => call(pathOf(user.name), { method: 'PATCH', body: { disabled: true } }),
                                    `${user.name} is signed out and may not sign in.`,
                                  ),
                              },
                          { label: 'Delete…', danger: true, disabled: user.name === me.name, run: () => setAsking({ what: 'delete', user }) },
                        ].map((action) => ({ ...action, disabled: action.disabled === true || !mayWrite }))}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        )}
      </Await>
      {asking?.what === 'new' ? <NewUser onClose={close} onDone={refresh} /> : null}
      {asking?.what === 'role' ? <ChangeRole user={asking.user} onClose={close} onDone={refresh} /> : null}
      {asking?.what === 'password' ? <SetPassword user={asking.user} onClose={close} /> : null}
      {asking?.what === 'delete' ? <DeleteUser user={asking.user} onClose={close} onDone={refresh} /> : null}
    </Card>
  )
}

interface DialogProps {
  onClose: () => void
  onDone: () => Promise<unknown>
}

function NewUser({ onClose, onDone }: DialogProps) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const save = async () => {
    await call('/api/admin/users', { method: 'POST', body: { name: name.trim(), password, role }, idempotencyKey: idempotencyKey() })
    await onDone()
    toast(`${name.trim()} may sign in as ${role}.`)
    onClose()
  }
  return (
    <FormDialog title="New user" submit="Make user" onClose={onClose} onSubmit={save}>
      <TextField
        label="Name"
        hint="Letters, digits and . _ @ + -"
        value={name}
        onChange={(event) => setName(event.target.value)}
        autoComplete="off"
        autoFocus
        required
      />
      <TextField
        label="Password"
        hint="12 characters or more; they can change it themselves."
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        required
      />
      <SelectField label="Role" value={role} onChange={(event) => setRole(event.target.value as Role)} options={roles} />
    </FormDialog>
  )
}

function ChangeRole({ user, onClose, onDone }: DialogProps & { user: User }) {
  const [role, setRole] = useState(user.role)
  const save = async () => {
    await call(pathOf(user.name), { method: 'PATCH', body: { role } })
    await onDone()
    toast(`${user.name} is ${role} now.`)
    onClose()
  }
  return (
    <FormDialog title={`Role of ${user.name}`} submit="Change role" onClose={onClose} onSubmit={save}>
      <SelectField label="Role" value={role} onChange={(event) => setRole(event.target.value as Role)} options={roles} />
      <p className="secondary">It is in force from their next request on. The last admin cannot be made less.</p>
    </FormDialog>
  )
}

function SetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const [password, setPassword] = useState('')
  const save = async () => {
    await call(`${pathOf(user.name)}/password`, { method: 'PUT', body: { password } })
    toast(`The password of ${user.name} is set.`)
    onClose()
  }
  return (
    <FormDialog title={`A new password for ${user.name}`} submit="Set password" onClose={onClose} onSubmit={save}>
      <TextField
        label="New password"
        hint="12 characters or more. Their sessions end."
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        required
      />
    </FormDialog>
  )
}

function DeleteUser({ user, onClose, onDone }: DialogProps & { user: User }) {
  const remove = async () => {
    await call(pathOf(user.name), { method: 'DELETE' })
    await onDone()
    toast(`${user.name} is deleted.`)
    onClose()
  }
  return (
    <FormDialog title={`Delete ${user.name}?`} submit="Delete" danger onClose={onClose} onSubmit={remove}>
      <p>
        They are signed out at once and cannot sign in again. What they did stays in the audit under their name. To keep them out for a while, disable
        them.
      </p>
    </FormDialog>
  )
}
