/** Why a batch stands still, in words that count down. */
import { useIntervalFn } from '@vueuse/core'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { getBatch, type Batch } from '@/api/client'
import { useLive } from '@/stores/live'
import { holdKind, holdOf, holdTimes } from '@/utils/holds'
import { hasEnded } from './useBatchProgress'
import { useNow } from './useNow'

const REREAD_MS = 10_000

export function useHold(batch: () => Batch) {
  const { t } = useI18n()
  const now = useNow()
  const live = useLive()

  // where nothing changes no event comes, also when a hold begins or ends by what happens in another batch
  useIntervalFn(() => {
    const { id, paused, counts } = batch()
    if (document.hidden || paused || counts.running || hasEnded(batch())) return
    getBatch(id).then(live.putBatch, () => undefined) // the next time tells
  }, REREAD_MS)

  return computed(() => {
    const hold = holdOf(batch(), now.value)
    return hold ? t(`hold.${holdKind(hold.category)}`, holdTimes(hold, now.value)) : ''
  })
}
