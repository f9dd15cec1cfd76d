/** Pictures that came, but are not what was asked for: kept, and marked for a person to judge. */
import type { Item } from '@/api/client'

const FLAGS = ['blank', 'unchanged', 'ratio', 'small'] as const
type Reason = `marked.reason.${(typeof FLAGS)[number]}`

/** Whether it waits for a person's word. */
export function isMarked(item: Item): boolean {
  return (item.state === 'failed' || item.state === 'cancelled') && !!item.result?.flags.length
}

/** What is wrong with the picture, also with an accepted one, as names of sentences. */
export function reasonsOf(item: Item | undefined): Reason[] {
  return FLAGS.filter((flag) => item?.result?.flags.includes(flag)).map((flag) => `marked.reason.${flag}` as const)
}
