/** The batch's items as the grid and the failure desk need them: filtered and grouped, read when counts change. */
import { tryOnScopeDispose } from '@vueuse/core'
import { computed, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'
import type { Item } from '@/api/client'
import { useLive } from '@/stores/live'
import { groupFailures, type FailureGroup } from '@/utils/failures'

const AGAIN_MS = 400 // an item's event may come a moment after its batch's

export const FILTERS = ['all', 'done', 'failed', 'left'] as const
export type Filter = (typeof FILTERS)[number]

export function matches(item: Item, filter: Filter): boolean {
  if (filter === 'all') return true
  if (filter === 'done') return item.state === 'succeeded'
  if (filter === 'failed') return item.state === 'failed' || item.state === 'cancelled'
  return item.state === 'queued' || item.state === 'waiting' || item.state === 'running'
}

export function useBatchItems(batchId: MaybeRefOrGetter<string>) {
  const live = useLive()
  const filter = shallowRef<Filter>('all')
  const ids = shallowRef<readonly string[]>([])
  const failures = shallowRef<FailureGroup[]>([])
  const batch = computed(() => live.batch(toValue(batchId)).value)
  const count = computed(() => live.order(toValue(batchId)).value.length)

  // in a callback nothing is tracked: a thousand items are read, not watched
  function read() {
    const order = live.order(toValue(batchId)).value
    const items = order.map((id) => live.item(id)?.value).filter((item) => item !== undefined)
    failures.value = groupFailures(items)
    ids.value = filter.value === 'all' ? [...order] : items.filter((i) => matches(i, filter.value)).map((i) => i.id)
  }

  watch(
    () => toValue(batchId),
    () => (filter.value = 'all'),
  )
  let timer = 0
  function readNowAndSoon() {
    read()
    clearTimeout(timer)
    timer = window.setTimeout(read, AGAIN_MS)
  }
  watch([() => toValue(batchId), filter, count, () => batch.value?.version], readNowAndSoon, { immediate: true })
  tryOnScopeDispose(() => clearTimeout(timer))

  return { batch, filter, ids, failures }
}
