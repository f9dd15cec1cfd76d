/** What can be said of a sample. Each word of it names the round that was looked at. */
import { readonly, shallowRef } from 'vue'
import { approvePilot, asProblem, cancelBatch, repeatPilot, type Batch, type PilotRepeat } from '@/api/client'
import { useLive } from '@/stores/live'

export function usePilot(batch: () => Batch) {
  const busy = shallowRef<'approve' | 'repeat' | 'stop' | null>(null)
  const problem = shallowRef('')
  const round = () => batch().pilot?.round ?? 1

  async function act(what: 'approve' | 'repeat' | 'stop', send: () => Promise<Batch>): Promise<boolean> {
    if (busy.value) return false
    busy.value = what
    problem.value = ''
    try {
      useLive().putBatch(await send())
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
    approve: () => act('approve', () => approvePilot(batch().id, round())),
    repeat: (changes: PilotRepeat) => act('repeat', () => repeatPilot(batch().id, { ...changes, round: round() })),
    stop: () => act('stop', () => cancelBatch(batch().id)),
  }
}
