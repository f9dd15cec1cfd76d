/** What can be done with a batch. A problem is told where the button is, not in a corner of the page. */
import { readonly, shallowRef, toValue, type MaybeRefOrGetter } from 'vue'
import {
  acceptBatch,
  asProblem,
  cancelBatch,
  patchBatch,
  pauseBatch,
  resumeBatch,
  retryBatch,
  type Batch,
  type BatchRetry,
} from '@/api/client'
import { deleteBatch } from '@/api/history'
import { useLive } from '@/stores/live'

export type BatchAction = 'pause' | 'resume' | 'cancel' | 'retry' | 'accept' | 'rename' | 'remove'

export function useBatchActions(id: MaybeRefOrGetter<string>) {
  const live = useLive()
  const busy = shallowRef<BatchAction | null>(null)
  const problem = shallowRef('')

  /** True: it is done. */
  async function act(action: BatchAction, send: (id: string) => Promise<Batch | undefined>): Promise<boolean> {
    if (busy.value) return false
    busy.value = action
    problem.value = ''
    try {
      const batch = await send(toValue(id))
      if (batch) live.putBatch(batch)
      return true
    } catch (reason) {
      problem.value = asProblem(reason).message
      return false
    } finally {
      busy.value = null
    }
  }

  return {
    busy: readonly(busy),
    problem: readonly(problem),
    dismiss: () => (problem.value = ''),
    pause: () => act('pause', pauseBatch),
    resume: () => act('resume', resumeBatch),
    cancel: () => act('cancel', cancelBatch),
    retry: (body: BatchRetry = {}) => act('retry', (one) => retryBatch(one, body)),
    accept: () => act('accept', acceptBatch),
    rename: (name: string) => act('rename', (one) => patchBatch(one, { name })),
    remove: () =>
      act('remove', async (one) => {
        await deleteBatch(one)
        live.forget(one)
        return undefined
      }),
  }
}
