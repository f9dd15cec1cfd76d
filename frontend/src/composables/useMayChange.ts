/** Whether a batch is mine to change, or only to look at. Admins act for others. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import type { Batch } from '@/api/client'
import { useSession } from '@/stores/session'

export function useMayChange(batch: MaybeRefOrGetter<Batch | undefined>) {
  const session = useSession()
  const mine = computed(() => !session.me || toValue(batch)?.owner.id === session.me.id)
  return {
    /** The batch belongs to whoever is signed in. */
    mine,
    mayChange: computed(() => mine.value || session.admin),
  }
}
