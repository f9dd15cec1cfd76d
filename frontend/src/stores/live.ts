/** What the server last said about batches and items, kept current by the stream. */
import type { Ref, ShallowRef } from 'vue'
import { getBatch, listItems, type Batch, type Item } from '@/api/client'
import { useEvents, type Events } from '@/composables/useEvents'
import { browserLanguage, currentLanguage } from '@/locales'
import { createKnown } from './known'

export interface Live {
  /** The stream stands; changes arrive by themselves. */
  online: Readonly<Ref<boolean>>
  batch: (id: string) => ShallowRef<Batch | undefined>
  /** Ids of the batch's items that are known, by index. */
  order: (batchId: string) => ShallowRef<string[]>
  item: (id: string) => ShallowRef<Item> | undefined
  /** Known batches, newest first. */
  batchIds: Readonly<ShallowRef<readonly string[]>>
  /** Load a batch and all its items and keep them current. Throws ApiProblem. */
  open: (batchId: string) => Promise<void>
  /** Load what is open again, e.g. in another language. */
  refresh: () => Promise<void>
  putItem: (item: Item) => void
  putBatch: (batch: Batch) => void
  /** What was put is there now, not with the next frame. */
  flush: () => void
  /** The batch was deleted. */
  forget: (batchId: string) => void
  onBatch: (handler: (batch: Batch) => void) => () => void
}
interface Api {
  getBatch: typeof getBatch
  listItems: typeof listItems
}

const PAGE = 200
const KEEP_OPEN = 5
const WAIT_FOR_STREAM_MS = 3000
const REREAD_MS = 2000

export function createLive(events: Events, api: Api): Live {
  const watchers = new Set<(batch: Batch) => void>()
  const known = createKnown((batch) => watchers.forEach((tell) => tell(batch)))
  const opened = new Set<string>() // in the order of their last opening; their items are listened for
  const asked = new Set<string>() // of these, the ones that were read: a gap in the stream concerns them
  const rereading = new Set<string>()

  async function open(batchId: string) {
    opened.delete(batchId)
    opened.add(batchId)
    events.start()
    await events.connected(WAIT_FOR_STREAM_MS) // first listen, then ask: nothing falls in between
    asked.add(batchId)
    await load(batchId)
    for (const oldest of [...opened].slice(0, -KEEP_OPEN)) close(oldest)
  }

  function close(batchId: string) {
    opened.delete(batchId)
    asked.delete(batchId)
    known.dropItems(batchId)
  }

  function forget(batchId: string) {
    close(batchId)
    known.forget(batchId)
  }

  async function load(batchId: string) {
    known.putBatch(await api.getBatch(batchId))
    await loadItems(batchId)
    known.flush()
  }

  async function loadItems(batchId: string, state?: 'failed') {
    let cursor: string | undefined
    do {
      const page = await api.listItems(batchId, { limit: PAGE, cursor, state })
      page.items.forEach(known.putItem)
      cursor = page.next_cursor ?? undefined
    } while (cursor)
  }

  async function refresh() {
    const quietly = (id: string) => load(id).catch(() => undefined) // the stream's next reset tries again
    await Promise.all([...asked].map(quietly))
  }

  /** A stream speaks the browser's language: where another was chosen here, sentences of failures are read again. */
  function rereadFailures(batchId: string) {
    if (rereading.has(batchId) || browserLanguage() === currentLanguage()) return
    rereading.add(batchId)
    window.setTimeout(() => {
      rereading.delete(batchId)
      void loadItems(batchId, 'failed').catch(() => undefined) // then the other sentence stays
    }, REREAD_MS)
  }

  events.on('item', (item) => {
    if (!opened.has(item.batch_id)) return // nobody looks: it is fetched when somebody does
    known.putItem(item)
    if (item.error) rereadFailures(item.batch_id)
  })
  events.on('batch', known.putBatch)
  events.on('gone', forget)
  events.on('reset', () => void refresh())

  return {
    ...known,
    online: events.online,
    open,
    refresh,
    forget,
    onBatch(handler) {
      watchers.add(handler)
      return () => void watchers.delete(handler)
    },
  }
}

let shared: Live | undefined
export function useLive(): Live {
  return (shared ??= createLive(useEvents(), { getBatch, listItems }))
}
