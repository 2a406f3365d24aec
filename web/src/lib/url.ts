// What the URL holds: a path, and filters as query parameters in a fixed order. A link shows the same thing to whoever opens it.

/** The search with these parameters changed; null and "" remove one. Names are sorted, so that equal filters make equal links. */
export function withParams(search: string, changes: Record<string, string | null>): string {
  const params = new URLSearchParams(search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') params.delete(name)
    else params.set(name, value)
  }
  params.sort()
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

/** The parameters of an API call; what is null, undefined or "" is left out. */
export function query(params: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}

/** `/keys/:id` against `/keys/abc` → `{id: "abc"}`; null when they differ. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split('/')
  const have = path.replace(/(.)\/$/, '$1').split('/')
  if (want.length !== have.length) return null
  const params: Record<string, string> = {}
  for (const [i, part] of want.entries()) {
    const piece = have[i] ?? ''
    if (part.startsWith(':')) {
      try {
        params[part.slice(1)] = decodeURIComponent(piece)
      } catch {
        return null
      }
      if (piece === '') return null
    } else if (part !== piece) return null
  }
  return params
}
