export interface Change {
  field: string
  before: string
  after: string
}

/** The members in which two documents differ, by path; arrays and scalars as JSON, absence as a dash. */
export function changesBetween(before: unknown, after: unknown, path = ''): Change[] {
  if (isObject(before) || isObject(after)) {
    const a = isObject(before) ? before : {}
    const b = isObject(after) ? after : {}
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()
    return names.flatMap((name) => changesBetween(a[name], b[name], path === '' ? name : `${path}.${name}`))
  }
  const [was, is] = [text(before), text(after)]
  return was === is ? [] : [{ field: path === '' ? 'value' : path, before: was, after: is }]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '–'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
