/** What a picture once more would cost, asked anew as its sentence changes. */
import { tryOnScopeDispose, watchDebounced } from '@vueuse/core'
import { shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { asProblem, estimateRedo, type Redo } from '@/api/client'

const ASK_AFTER_MS = 300

export function useRedoQuote(id: MaybeRefOrGetter<string>, body: () => Redo) {
  const micros = shallowRef<number>()
  const problem = shallowRef('')
  let asking: AbortController | undefined

  async function ask() {
    asking?.abort()
    const mine = (asking = new AbortController())
    micros.value = undefined
    try {
      const told = await estimateRedo(toValue(id), body(), mine.signal)
      if (mine !== asking) return
      micros.value = told.cost_micros
      problem.value = ''
    } catch (reason) {
      if (mine !== asking) return
      problem.value = asProblem(reason).message
    }
  }
  watch(body, () => (micros.value = undefined)) // the price of other words is none
  watchDebounced(body, ask, { debounce: ASK_AFTER_MS })
  void ask()
  tryOnScopeDispose(() => asking?.abort())

  return { micros, problem }
}
