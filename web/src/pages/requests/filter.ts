// The filters of the request log: what the URL holds, what the API is asked, and what a person keeps under a name.

export const filterNames = ['key', 'route', 'tier', 'consumer', 'status', 'outcome', 'method', 'client'] as const
export type FilterName = (typeof filterNames)[number]
export type Filter = Record<FilterName, string>

export function readFilter(search: string): Filter {
  const params = new URLSearchParams(search)
  return Object.fromEntries(filterNames.map((name) => [name, params.get(name) ?? ''])) as Filter
}

export function isEmpty(filter: Filter): boolean {
  return filterNames.every((name) => filter[name] === '')
}

/** "limited, GET, client 10.0.0.1": a filter's name until it gets a better one. */
export function describe(filter: Filter): string {
  return filterNames
    .filter((name) => filter[name] !== '')
    .map((name) => (['outcome', 'method', 'status'].includes(name) ? filter[name] : `${name} ${filter[name]}`))
    .join(', ')
}
