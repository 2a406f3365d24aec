import type { Key } from '../../api/types'
import { bucketOf, type BucketText } from '../../ui/limits'

export interface KeyForm {
  name: string
  consumer: string
  tier: string
  /** As an input of type datetime-local holds it; "" is never. */
  expires: string
  /** Null: the tier's. */
  own: BucketText | null
}

export function localInput(iso: string | null): string {
  if (iso === null) return ''
  const ms = Date.parse(iso)
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

/** Only what differs: two people who change different things of a key do not undo each other. */
export function keyPatch(base: Key, form: KeyForm): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  if (form.name.trim() !== base.name) patch.name = form.name.trim()
  const consumer = form.consumer.trim() === '' ? null : form.consumer.trim()
  if (consumer !== base.consumer) patch.consumer = consumer
  if (form.tier !== base.tier) patch.tier = form.tier
  if (form.expires !== localInput(base.expiresAt)) patch.expiresAt = form.expires === '' ? null : new Date(form.expires).toISOString()
  const own = form.own === null ? null : bucketOf(form.own)
  for (const field of ['tokensPerWindow', 'refillRate', 'maxBurst'] as const) {
    if (own === null && base.limitSource === 'key') patch[field] = null
    if (own !== null && (base.limitSource === 'tier' || own[field] !== base[field])) patch[field] = own[field]
  }
  return patch
}
