/** What the draft would cost, take and look like, asked anew as it changes. It never holds up the start. */
import { tryOnScopeDispose, useDebounceFn } from '@vueuse/core'
import { shallowRef, watch } from 'vue'
import { asProblem, estimateBatch, type ApiProblem, type BatchDraft, type Estimate } from '@/api/client'

const TYPING_MS = 300

/** The words change nothing of the cost: without them typing asks for nothing. */
export function estimateOf(body: BatchDraft): BatchDraft {
  const items = body.items.map((item) => (item.upload_id ? { upload_id: item.upload_id } : {}))
  return { ...body, prompt: '', items }
}

/** `depends`: all that the body depends on, cheap to read. `body`: undefined while there is nothing to ask. */
export function useEstimate(depends: () => unknown, body: () => BatchDraft | undefined) {
  const estimate = shallowRef<Estimate>() // the last answer; its notes stay until the next one comes
  const current = shallowRef(false) // it is of the draft as it stands
  const problem = shallowRef<ApiProblem>()
  let asking: AbortController | undefined
  let gone = false

  const ask = useDebounceFn(async () => {
    asking?.abort()
    const wanted = gone ? undefined : body()
    if (!wanted) return forget()
    const mine = (asking = new AbortController())
    try {
      const told = await estimateBatch(wanted, mine.signal)
      if (mine !== asking) return
      estimate.value = told
      current.value = true
      problem.value = undefined
    } catch (reason) {
      if (mine === asking) failed(asProblem(reason))
    }
  }, TYPING_MS)

  function forget() {
    asking = undefined
    estimate.value = undefined
    problem.value = undefined
  }

  /** Without an answer there is no estimate; only what is wrong with the draft is worth a word. */
  function failed(told: ApiProblem) {
    estimate.value = undefined
    problem.value = told.status === 422 ? told : undefined
  }

  watch(
    depends,
    () => {
      current.value = false
      void ask()
    },
    { immediate: true },
  )
  tryOnScopeDispose(() => {
    gone = true
    asking?.abort()
  })

  return { estimate, current, problem }
}
