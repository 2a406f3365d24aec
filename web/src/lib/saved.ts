export interface Saved {
  name: string
  search: string
}

/** Views that somebody kept, in this browser. What is stored may be from another version, or from somebody's hands: it is read with care. */
export function readSaved(text: string | null): Saved[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(value)) return []
    return value
      .filter(
        (one): one is Saved =>
          typeof one === 'object' && one !== null && typeof (one as Saved).name === 'string' && typeof (one as Saved).search === 'string',
      )
      .slice(0, 50)
  } catch {
    return []
  }
}
