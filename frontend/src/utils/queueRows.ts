/** What the status page says of the queue: who waits for which model, whose work is open, who works. */
import type { Queue } from '@/api/client'
import { i18n } from '@/locales'
import { formatAgo, formatDuration, secondsBetween } from './time'

export interface PlainRow {
  id: string
  name: string
  /** Under the name. */
  note: string
  cells: readonly string[]
  wrong?: boolean
}
type Lane = Queue['lanes'][number]

const NAMED = 6

/** `nameOf`: how a provider's model is called. */
export function laneRows(
  { lanes }: Queue,
  nameOf: (provider: string, model: string) => string,
  now: number,
): PlainRow[] {
  return lanes.map((lane) => ({
    id: `${lane.provider}/${lane.model}${lane.economy ? '+' : ''}`,
    name: nameOf(lane.provider, lane.model),
    note: [lane.economy ? i18n.global.t('status.queue.economy') : '', waiting(lane)].filter(Boolean).join(' · '),
    cells: [
      String(lane.queued),
      String(lane.running),
      lane.since ? formatDuration(secondsBetween(lane.since, null, now)) : '–',
    ],
  }))
}

/** "Ann 2, Bob 3 and 4 more", in the order of turns. */
function waiting({ people }: Lane): string {
  const first = people.slice(0, NAMED).map(({ name, queued }) => `${name} ${queued}`)
  const rest = people.length - first.length
  const names = first.join(i18n.global.t('status.queue.comma'))
  return rest ? i18n.global.t('status.queue.andMore', { names, n: rest }) : names
}

export function peopleRows({ people }: Queue): PlainRow[] {
  const most = [...people].sort((a, b) => b.items - a.items)
  return most.map(({ id, name, items, batches }) => ({ id, name, note: '', cells: [String(items), String(batches)] }))
}

export function workerRows({ workers }: Queue, now: number): PlainRow[] {
  return workers.map(({ name, slots, seen_at, live }) => ({
    id: name,
    name,
    note: live ? '' : i18n.global.t('status.queue.silent'),
    cells: [String(slots), formatAgo(seen_at, now)],
    wrong: !live,
  }))
}
