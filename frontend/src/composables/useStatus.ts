/** How the system, its queue, its providers and their keys are doing, read again every few seconds while somebody looks. */
import { useDocumentVisibility, useIntervalFn } from '@vueuse/core'
import { shallowRef, watch } from 'vue'
import {
  asProblem,
  getHealth,
  getQueue,
  listProviderStates,
  type Health,
  type ProviderState,
  type Queue,
} from '@/api/client'

const REREAD_MS = 5000
const NOT_FOR_YOU = 403

/** What was known stays in sight when it can't be read; what only admins may see is no problem for others. */
function reading<T>(read: () => Promise<T>) {
  const value = shallowRef<T>()
  const problem = shallowRef('')
  async function load() {
    try {
      value.value = await read()
      problem.value = ''
    } catch (reason) {
      const { status, message } = asProblem(reason)
      problem.value = status === NOT_FOR_YOU ? '' : message
    }
  }
  return { value, problem, load }
}

export function useStatus() {
  const health = reading<Health>(() => getHealth())
  const providers = reading<readonly ProviderState[]>(() => listProviderStates())
  const queue = reading<Queue>(() => getQueue())
  const visible = useDocumentVisibility()
  let busy = false

  async function load() {
    if (busy || visible.value === 'hidden') return
    busy = true
    await Promise.all([health.load(), providers.load(), queue.load()])
    busy = false
  }

  useIntervalFn(() => void load(), REREAD_MS)
  watch(visible, () => void load(), { immediate: true })
  return {
    health: health.value,
    providers: providers.value,
    queue: queue.value,
    problem: health.problem,
    providersProblem: providers.problem,
    queueProblem: queue.problem,
    load,
  }
}
