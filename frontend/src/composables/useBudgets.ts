/** The team's and everybody's budgets, for admins. */
import { shallowRef } from 'vue'
import { asProblem, listBudgets, putBudget, type Budget } from '@/api/client'

export function useBudgets(changed: () => void = () => undefined) {
  const budgets = shallowRef<Budget[]>([])
  const busy = shallowRef('')
  const problem = shallowRef('')

  async function load() {
    try {
      budgets.value = await listBudgets()
      problem.value = ''
    } catch (reason) {
      problem.value = asProblem(reason).message
    }
  }

  /** `micros`: null: as the settings have it. True: it is done. */
  async function save(id: string, micros: number | null): Promise<boolean> {
    busy.value = id
    problem.value = ''
    try {
      budgets.value = await putBudget(id, micros)
      changed()
      return true
    } catch (reason) {
      problem.value = asProblem(reason).message
      return false
    } finally {
      busy.value = ''
    }
  }

  void load()
  return { budgets, busy, problem, load, save }
}
