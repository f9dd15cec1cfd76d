/** Deletes a batch and offers to bring it back. */
import { useI18n } from 'vue-i18n'
import type { Batch } from '@/api/client'
import { restoreBatch } from '@/api/history'
import { useLive } from '@/stores/live'
import { useUndo } from '@/stores/undo'
import type { useBatchActions } from './useBatchActions'

export function useDeletion({ remove }: ReturnType<typeof useBatchActions>) {
  const { t } = useI18n()
  const { offer } = useUndo()

  /** True: it is done. */
  return async ({ id, name }: Batch) => {
    if (!(await remove())) return false
    offer(t('history.deleted', { name }), async () => useLive().putBatch(await restoreBatch(id)))
    return true
  }
}
