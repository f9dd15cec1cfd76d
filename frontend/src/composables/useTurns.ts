/** The boards of the queue, asked for again while somebody looks. */
import { useDocumentVisibility, useIntervalFn } from '@vueuse/core'
import { shallowRef, watch } from 'vue'
import { asProblem } from '@/api/client'
import { listTurns, type Board } from '@/api/turns'

const EVERY_MS = 4000

export function useTurns() {
  const boards = shallowRef<Board[]>()
  const problem = shallowRef('')
  let asking = false

  async function load() {
    if (asking) return
    asking = true
    try {
      boards.value = await listTurns()
      problem.value = ''
    } catch (reason) {
      problem.value = asProblem(reason).message
    } finally {
      asking = false
    }
  }

  const { pause, resume } = useIntervalFn(() => void load(), EVERY_MS, { immediateCallback: true })
  watch(useDocumentVisibility(), (now) => (now === 'visible' ? resume() : pause()))
  return { boards, problem, load }
}
