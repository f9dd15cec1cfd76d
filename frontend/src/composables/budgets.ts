/** What is left of this month's budgets. */
import type { Budget, Money } from '@/api/client'

export interface Line {
  whose: 'user' | 'team'
  used: number
  held: number
  cap: number
  left: number
}

export const usedOf = (budget: Budget) => budget.settled_micros + budget.possibly_paid_micros

function lineOf(whose: 'user' | 'team', budget: Budget): Line[] {
  const { monthly_micros: cap, held_micros: held } = budget
  if (cap === null) return []
  const used = usedOf(budget)
  return [{ whose, used, held, cap, left: Math.max(0, cap - used - held) }]
}

/** The budget that has the least left; undefined: there is no cap. */
export function tightest({ user, team }: Money): Line | undefined {
  return [...lineOf('user', user), ...lineOf('team', team)].sort((a, b) => a.left - b.left)[0]
}
