/** Changes of one batch that is another's: the stream of the tab brings only one's own. */
import { tryOnScopeDispose } from '@vueuse/core'
import { watch } from 'vue'
import { batchUrl } from '@/api/client'
import { useLive } from '@/stores/live'
import { createEvents, type Events } from './useEvents'

/** `id`: of the batch to follow, empty for none. `reload`: something may have been missed, or it is gone. */
export function useOthersEvents(
  id: () => string,
  reload: () => unknown,
  create: (path: string) => Events = (path) => createEvents(undefined, undefined, path),
) {
  const live = useLive()
  let stream: Events | undefined

  watch(
    id,
    (now) => {
      stream?.stop()
      stream = now ? create(`/api${batchUrl(now)}/events`) : undefined
      stream?.on('item', live.putItem)
      stream?.on('batch', live.putBatch)
      stream?.on('gone', (gone) => {
        live.forget(gone)
        void reload()
      })
      stream?.on('reset', () => void reload())
      stream?.start()
    },
    { immediate: true },
  )
  tryOnScopeDispose(() => stream?.stop())
}
