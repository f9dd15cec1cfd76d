/** What is known of batches and items: one ref each, so a change repaints one tile. */
import { shallowRef, triggerRef, type ShallowRef } from 'vue'
import type { Batch, Item } from '@/api/client'
import { oncePerFrame } from './frame'

/** An old event never undoes a new state. The same version may say more: an ETA, another language. */
function newer<T extends { version: number }>(one: T, known: T | undefined): boolean {
  return !known || one.version >= known.version
}

function kept<T>(map: Map<string, T>, id: string, make: () => T): T {
  const found = map.get(id)
  if (found) return found
  const made = make()
  map.set(id, made)
  return made
}

export function createKnown(onBatch: (batch: Batch) => void) {
  const batches = new Map<string, ShallowRef<Batch | undefined>>()
  const items = new Map<string, ShallowRef<Item>>()
  const orders = new Map<string, ShallowRef<string[]>>()
  const batchIds = shallowRef<readonly string[]>([])
  const itemInbox = new Map<string, Item>() // the newest per id
  const batchInbox = new Map<string, Batch>()

  const batch = (id: string) => kept(batches, id, () => shallowRef<Batch>())
  const order = (id: string) => kept(orders, id, () => shallowRef<string[]>([]))

  const { ask, now: flush } = oncePerFrame(() => {
    const grown = new Set<string>()
    for (const item of itemInbox.values()) if (keepItem(item)) grown.add(item.batch_id)
    itemInbox.clear()
    for (const id of grown) sortOrder(id)
    const changed = [...batchInbox.values()].filter(keepBatch)
    batchInbox.clear()
    changed.forEach(onBatch)
  })

  /** True: it is a new one. */
  function keepItem(item: Item): boolean {
    const ref = items.get(item.id)
    if (!ref) {
      items.set(item.id, shallowRef(item))
      order(item.batch_id).value.push(item.id)
    } else if (newer(item, ref.value)) ref.value = item
    return !ref
  }

  function sortOrder(batchId: string) {
    const ref = order(batchId)
    const index = (id: string) => items.get(id)?.value.index ?? 0
    ref.value.sort((a, b) => index(a) - index(b))
    triggerRef(ref)
  }

  /** True: it says something new. */
  function keepBatch(one: Batch): boolean {
    const ref = batch(one.id)
    const known = ref.value
    if (!newer(one, known)) return false
    ref.value = one
    if (known) return true
    const made = (id: string) => batch(id).value?.created_at ?? ''
    batchIds.value = [...batchIds.value, one.id].sort((a, b) => made(b).localeCompare(made(a)))
    return true
  }

  function dropItems(batchId: string) {
    for (const id of order(batchId).value) items.delete(id)
    for (const item of itemInbox.values()) if (item.batch_id === batchId) itemInbox.delete(item.id)
    order(batchId).value = []
  }

  return {
    batch,
    order,
    batchIds,
    flush,
    dropItems,
    item: (id: string) => items.get(id),
    putItem(item: Item) {
      if (newer(item, itemInbox.get(item.id))) itemInbox.set(item.id, item)
      ask()
    },
    putBatch(one: Batch) {
      if (newer(one, batchInbox.get(one.id))) batchInbox.set(one.id, one)
      ask()
    },
    forget(batchId: string) {
      dropItems(batchId)
      batchInbox.delete(batchId)
      batch(batchId).value = undefined
      batchIds.value = batchIds.value.filter((id) => id !== batchId)
    },
  }
}
