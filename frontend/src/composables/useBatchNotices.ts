/** How the notices of an ended batch fare. They are no events, so what is still on its way is asked for again. */
import { tryOnScopeDispose } from '@vueuse/core'
import { shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { listBatchNotices, type Batch, type Notice } from '@/api/client'

const FIRST_MS = 1_000
const LAST_MS = 30_000

export function useBatchNotices(batch: MaybeRefOrGetter<Batch>) {
  const notices = shallowRef<Notice[]>([])
  let timer = 0
  let turn = 0

  async function look(after: number, mine: number) {
    try {
      const found = (await listBatchNotices(toValue(batch).id)).notices
      if (mine !== turn) return
      notices.value = found
      if (found.every(({ state }) => state !== 'waiting')) return
    } catch {
      // it is asked for again; the batch itself tells when the server is away
    }
    if (mine === turn) timer = window.setTimeout(() => void look(Math.min(after * 2, LAST_MS), mine), after)
  }

  watch(
    () => toValue(batch).finished_at, // of a retry the end is another
    () => {
      clearTimeout(timer)
      turn += 1
      void look(FIRST_MS, turn)
    },
    { immediate: true },
  )
  tryOnScopeDispose(() => {
    clearTimeout(timer)
    turn += 1
  })
  return notices
}
