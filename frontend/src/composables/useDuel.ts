/** A duel, read again as its batches change. */
import { tryOnScopeDispose } from '@vueuse/core'
import { computed, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { asProblem, chooseContestant, getDuel, type ApiProblem, type Duel } from '@/api/client'
import { useLive } from '@/stores/live'

const AGAIN_MS = 400

export function useDuel(id: MaybeRefOrGetter<string>) {
  const live = useLive()
  const duel = shallowRef<Duel>()
  const problem = shallowRef<ApiProblem>()
  const refused = shallowRef('') // why a choice did not count
  const busy = shallowRef('') // the batch that is being chosen
  let timer = 0

  function take(told: Duel) {
    duel.value = told
    for (const { batch } of told.contestants) live.putBatch(batch)
  }

  async function load() {
    const asked = toValue(id)
    try {
      const told = await getDuel(asked)
      if (asked !== toValue(id)) return
      take(told)
      problem.value = undefined
    } catch (reason) {
      if (asked === toValue(id)) problem.value = asProblem(reason)
    }
  }

  async function choose(batchId: string) {
    if (busy.value) return
    busy.value = batchId
    refused.value = ''
    try {
      take(await chooseContestant(toValue(id), batchId))
    } catch (reason) {
      refused.value = asProblem(reason).message
    } finally {
      busy.value = ''
    }
  }

  function soon() {
    timer ||= window.setTimeout(() => {
      timer = 0
      void load()
    }, AGAIN_MS)
  }
  const off = live.onBatch((batch) => {
    const known = duel.value?.contestants.find((one) => one.batch.id === batch.id)
    if (known && batch.version > known.batch.version) soon()
  })
  tryOnScopeDispose(() => {
    off()
    clearTimeout(timer)
  })
  watch(
    () => toValue(id),
    () => {
      duel.value = undefined
      void load()
    },
    { immediate: true },
  )
  watch(live.online, (now) => now && duel.value && soon())

  return { duel, problem, refused, busy, missing: computed(() => problem.value?.status === 404), load, choose }
}
