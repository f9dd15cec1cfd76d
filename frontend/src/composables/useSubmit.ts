/** One form's sending: busy while it runs, what is wrong where it is wrong, and when to try again. */
import { computed, reactive, readonly, shallowRef } from 'vue'
import { asProblem } from '@/api/client'
import { useNow } from './useNow'

/** `fields`: those that show their own sentence; a sentence for any other is the form's. */
export function useSubmit<F extends string>(fields: readonly F[] = []) {
  const busy = shallowRef(false)
  const problem = shallowRef('')
  const code = shallowRef('')
  const wrong = reactive(new Map<string, string>())
  const until = shallowRef(0)
  const now = useNow()

  function forgive(field?: F) {
    if (field) wrong.delete(field)
    else wrong.clear()
    problem.value = code.value = ''
  }

  /** True: it is done. */
  async function send(act: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    forgive()
    try {
      await act()
      return true
    } catch (reason) {
      refused(reason)
      return false
    } finally {
      busy.value = false
    }
  }

  function refused(reason: unknown) {
    const told = asProblem(reason)
    code.value = told.code
    until.value = told.retryAfterS && Date.now() + told.retryAfterS * 1000
    if (until.value) return // the countdown says it all
    const others = told.details.filter(({ field }) => !fields.some((one) => one === field))
    for (const { field, message } of told.details) wrong.set(field, message)
    if (!told.details.length || others.length) problem.value = others[0]?.message ?? told.message
  }

  return {
    busy: readonly(busy),
    problem: readonly(problem),
    code: readonly(code),
    wrong: (field: F) => wrong.get(field) ?? '',
    /** Seconds that the server asked to wait. */
    wait: computed(() => Math.max(0, Math.ceil((until.value - now.value) / 1000))),
    forgive,
    send,
  }
}
