/** A monthly budget as it is typed: empty is as the settings have it. */
import { computed, shallowRef, watch } from 'vue'
import type { Budget } from '@/api/client'
import { parseMoney, plainMoney } from '@/money'

const MOST_MICROS = 1e12

export function useBudgetField(budget: () => Budget) {
  const words = shallowRef('')
  const typed = computed(() => parseMoney(words.value))
  const wrong = computed(() => words.value.trim() !== '' && (typed.value === undefined || typed.value > MOST_MICROS))
  watch(
    [() => budget().own, () => budget().monthly_micros] as const, // not the object: each save brings all rows anew
    ([own, cap]) => (words.value = own && cap !== null ? plainMoney(cap) : ''),
    { immediate: true },
  )
  return { words, wrong, micros: computed(() => typed.value ?? null) }
}
