/** One month of spending: sums by user, model or day, and the ledger a page at a time. */
import { computed, shallowRef, watch } from 'vue'
import { asProblem, ledgerUrl, listLedger, sumLedger, type SpendBy, type SpendRow } from '@/api/client'
import { usePages } from './usePages'

const PAGE = 50

/** `month` and the one `by` months from it, as `2026-11`. */
export function monthFrom(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const count = year * 12 + number - 1 + by
  return `${String(Math.floor(count / 12)).padStart(4, '0')}-${String((count % 12) + 1).padStart(2, '0')}`
}

export function daysOf(month: string): { from: string; to: string } {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return { from: `${month}-01`, to: `${month}-${new Date(Date.UTC(year, number, 0)).getUTCDate()}` }
}

export function useSpend(thisMonth: () => string | undefined) {
  const back = shallowRef(0)
  const by = shallowRef<SpendBy>('day')
  const rows = shallowRef<SpendRow[]>([])
  const problem = shallowRef('')
  const month = computed(() => monthFrom(thisMonth() ?? '', -back.value))
  const range = computed(() => daysOf(month.value))
  const ledger = usePages((cursor) => listLedger({ ...range.value, limit: PAGE, cursor }))
  let asked = 0

  async function sum() {
    const mine = ++asked
    problem.value = ''
    try {
      const sums = await sumLedger({ ...range.value, by: by.value })
      if (mine === asked) rows.value = sums
    } catch (reason) {
      if (mine === asked) problem.value = asProblem(reason).message
    }
  }

  watch([month, by], () => void (thisMonth() && sum()), { immediate: true })
  watch(month, () => void (thisMonth() && ledger.load()), { immediate: true })

  return {
    back,
    by,
    month,
    rows,
    entries: ledger.items,
    loading: ledger.loading,
    problem: computed(() => problem.value || ledger.problem.value),
    load: () => Promise.all([sum(), ledger.load()]),
    loadMore: ledger.loadMore,
    more: ledger.more,
    tableUrl: computed(() => ledgerUrl(range.value)),
  }
}
