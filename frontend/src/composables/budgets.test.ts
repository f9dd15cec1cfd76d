import { expect, test } from 'vitest'
import type { Budget, Money } from '@/api/client'
import { tightest } from './budgets'
import { daysOf, monthFrom } from './useSpend'

function aBudget(monthly_micros: number | null, settled_micros = 0, held_micros = 0): Budget {
  return { id: 'x', name: 'x', monthly_micros, own: false, held_micros, settled_micros, possibly_paid_micros: 0 }
}
function aMoney(user: Budget, team: Budget): Money {
  const shown = { currency: 'USD', usd_cny_rate: '7.1', time_zone: 'Asia/Shanghai', month: '2026-11' } as const
  return { ...shown, user, team, batch_limit_micros: null }
}

test('the budget with the least left is the one that counts', () => {
  expect(tightest(aMoney(aBudget(null), aBudget(null)))).toBeUndefined()
  expect(tightest(aMoney(aBudget(100, 20, 30), aBudget(500)))).toMatchObject({ whose: 'user', left: 50 })
  expect(tightest(aMoney(aBudget(100), aBudget(500, 450)))).toMatchObject({ whose: 'team', left: 50 })
})

test('months are counted over the turn of a year, with the days that they have', () => {
  expect(monthFrom('2026-01', -1)).toBe('2025-12')
  expect(monthFrom('2026-12', 1)).toBe('2027-01')
  expect(daysOf('2028-02')).toEqual({ from: '2028-02-01', to: '2028-02-29' })
})
