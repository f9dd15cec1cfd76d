/** This month's budgets and spending, kept current while batches change, and the currency to show. */
import { useDebounceFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { asProblem, getMoney, type Money } from '@/api/client'
import { showMoneyIn } from '@/money'
import { useLive } from './live'

const QUIET_MS = 800

export const useMoney = defineStore('money', () => {
  const money = shallowRef<Money>()
  const problem = shallowRef('')

  /** Without an answer what was known stays: the server decides anyway. */
  async function load() {
    try {
      const told = await getMoney()
      showMoneyIn(told.currency, Number(told.usd_cny_rate))
      money.value = told
      problem.value = ''
    } catch (reason) {
      problem.value = asProblem(reason).message // not shown beside the start: a submit that is over says so itself
    }
  }

  const loadSoon = useDebounceFn(load, QUIET_MS, { maxWait: 4 * QUIET_MS })
  useLive().onBatch(() => void loadSoon())

  return { money, problem, load }
})
