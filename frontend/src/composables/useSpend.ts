/** One month of spending: sums by user, model or day, and the ledger a page at a time. */
import { computed, shallowRef, watch } from 'vue'
import {
  asProblem,
  ledgerUrl,
  listLedger,
  sumLedger,
  type LedgerEntry,
  type SpendBy,
  type SpendRow,
} from '@/api/client'

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
  const entries = shallowRef<LedgerEntry[]>([])
  const cursor = shallowRef<string | null>(null)
  const loading = shallowRef(true)
  const problem = shallowRef('')
  const month = computed(() => monthFrom(thisMonth() ?? '', -back.value))
  const range = computed(() => daysOf(month.value))
  let asked = 0

  async function run(act: (mine: () => boolean) => Promise<void>) {
    const number = ++asked
    const mine = () => number === asked
    loading.value = true
    problem.value = ''
    try {
      await act(mine)
    } catch (reason) {
      if (mine()) problem.value = asProblem(reason).message
    } finally {
      if (mine()) loading.value = false
    }
  }

  const load = () =>
    run(async (mine) => {
      if (!thisMonth()) return
      const [sums, page] = await Promise.all([
        sumLedger({ ...range.value, by: by.value }),
        listLedger({ ...range.value, limit: PAGE }),
      ])
      if (!mine()) return
      rows.value = sums
      entries.value = page.items
      cursor.value = page.next_cursor
    })

  const loadMore = () =>
    run(async (mine) => {
      const page = await listLedger({ ...range.value, limit: PAGE, cursor: cursor.value ?? undefined })
      if (!mine()) return
      entries.value = [...entries.value, ...page.items]
      cursor.value = page.next_cursor
    })

  watch([month, by], load, { immediate: true })

  return {
    back,
    by,
    month,
    rows,
    entries,
    loading,
    problem,
    load,
    loadMore,
    more: computed(() => cursor.value !== null),
    tableUrl: computed(() => ledgerUrl(range.value)),
  }
}
