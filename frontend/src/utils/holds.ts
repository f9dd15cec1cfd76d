/** Why nothing starts for now, in words. */
import type { Batch, Category, Hold } from '@/api/client'
import { formatClock, formatDuration } from './time'

type HoldKind = 'rate_limited' | 'quota_exhausted' | 'upstream_error' | 'auth'

/** What stands behind a hold; anything else than a limit or a key is the provider's trouble. */
export function holdKind(category: Category): HoldKind {
  return category === 'rate_limited' || category === 'quota_exhausted' || category === 'auth'
    ? category
    : 'upstream_error'
}

export const isOver = (hold: Hold, now: number) => Date.parse(hold.until) <= now

/** When it ends, and in how long. */
export function holdTimes({ until }: Hold, now: number): { at: string; left: string } {
  return { at: formatClock(until, now), left: formatDuration(Math.ceil((Date.parse(until) - now) / 1000)) }
}

/** The hold that keeps a batch waiting; null also where its pictures go on with another provider. */
export function holdOf({ hold, policy, counts }: Batch, now: number): Hold | null {
  if (!hold || isOver(hold, now)) return null
  const elsewhere = policy !== 'none' && hold.category !== 'rate_limited' && counts.running > 0
  return elsewhere ? null : hold
}
