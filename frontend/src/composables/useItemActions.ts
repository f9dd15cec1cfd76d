/** What can be done with one picture. */
import { readonly, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'
import {
  acceptItem,
  asProblem,
  cancelItem,
  redoItem,
  restoreItem,
  retryItem,
  type Item,
  type ItemRetry,
  type Redo,
} from '@/api/client'
import { useLive } from '@/stores/live'

export function useItemActions(id: MaybeRefOrGetter<string>) {
  const live = useLive()
  const busy = shallowRef(false)
  const problem = shallowRef('')
  watch(
    () => toValue(id),
    () => (problem.value = ''), // it was the other picture's
  )

  /** True: it is done. */
  async function act(send: (id: string) => Promise<Item>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    problem.value = ''
    try {
      live.putItem(await send(toValue(id)))
      return true
    } catch (reason) {
      problem.value = asProblem(reason).message
      return false
    } finally {
      busy.value = false
    }
  }

  return {
    busy: readonly(busy),
    problem: readonly(problem),
    accept: () => act(acceptItem),
    cancel: () => act(cancelItem),
    redo: (body: Redo) => act((one) => redoItem(one, body)),
    restore: (number: number) => act((one) => restoreItem(one, number)),
    retry: (body: ItemRetry = {}) => act((one) => retryItem(one, body)),
  }
}
