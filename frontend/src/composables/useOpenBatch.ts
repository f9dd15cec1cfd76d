/** Open a batch: load it with all its items and keep it current. */
import { computed, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { asProblem, type ApiProblem } from '@/api/client'
import { useLive } from '@/stores/live'
import { useMayChange } from './useMayChange'
import { useOthersEvents } from './useOthersEvents'

export function useOpenBatch(id: MaybeRefOrGetter<string>) {
  const live = useLive()
  const problem = shallowRef<ApiProblem>()

  async function load() {
    const asked = toValue(id)
    problem.value = undefined
    try {
      await live.open(asked)
    } catch (reason) {
      if (asked === toValue(id)) problem.value = asProblem(reason)
    }
  }

  const { mine } = useMayChange(() => live.batch(toValue(id)).value)
  watch(() => toValue(id), load, { immediate: true })
  useOthersEvents(() => (live.batch(toValue(id)).value && !mine.value ? toValue(id) : ''), load)
  return {
    problem,
    missing: computed(() => problem.value?.status === 404),
    load,
  }
}
