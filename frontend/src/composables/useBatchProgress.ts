/** How far a batch is, in numbers and in words. */
import { computed, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Batch } from '@/api/client'
import { formatMoney, formatSum } from '@/money'
import { formatDuration, formatGuess, secondsBetween } from '@/utils/time'
import { useNow } from './useNow'

export const leftOf = ({ counts }: Batch) => counts.queued + counts.waiting + counts.running
export const hasEnded = ({ state }: Batch) => state === 'completed' || state === 'cancelled'

export function useBatchProgress(batch: () => Batch) {
  const { t } = useI18n()
  const now = useNow()
  const told = shallowRef(Date.now()) // when the guess came; it runs down from there
  watch(
    () => [batch().version, batch().eta_seconds],
    () => (told.value = Date.now()),
  )

  const left = computed(() => leftOf(batch()))
  const ended = computed(() => hasEnded(batch()))

  const time = computed(() => {
    const { started_at: start, finished_at: end } = batch()
    if (!start) return ''
    const words = formatDuration(secondsBetween(start, end, now.value))
    return t(ended.value ? 'results.took' : 'results.elapsed', { time: words })
  })

  const outlook = computed(() => {
    const { eta_seconds: eta, position, state, counts } = batch()
    if (ended.value || state === 'paused') return ''
    if (position !== null && !counts.running && !counts.succeeded) return t('results.ahead', position)
    if (eta === null) return ''
    return t('results.eta', { time: formatGuess(eta - (now.value - told.value) / 1000) })
  })

  const cost = computed(() => {
    const { quoted_micros: quoted, settled_micros: settled } = batch().cost
    if (quoted <= 0) return formatMoney(0)
    const spent = formatSum(settled)
    return ended.value ? spent : t('results.costSoFar', { spent, quoted: formatMoney(quoted) })
  })

  const costMaybe = computed(() => {
    const maybe = batch().cost.possibly_paid_micros
    return maybe > 0 ? t('results.costMaybe', { money: formatMoney(maybe) }) : ''
  })

  return { left, ended, time, outlook, cost, costMaybe }
}
