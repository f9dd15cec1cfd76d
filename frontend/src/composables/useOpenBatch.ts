/** Open a batch: load it with all its items and keep it current. */
import { computed, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { asProblem, type ApiProblem } from '@/api/client'
import { useLive } from '@/stores/live'

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

  watch(() => toValue(id), load, { immediate: true })
  return {
    problem,
    missing: computed(() => problem.value?.status === 404),
    load,
  }
}
