/** Models come and go while a page stands open: look again when it is looked at, and every hour. */
import { useEventListener, useIntervalFn } from '@vueuse/core'
import { useCatalogue } from '@/stores/catalogue'

const HOUR_MS = 3_600_000

export function useCatalogueRefresh() {
  const { refresh } = useCatalogue()
  useEventListener(window, 'focus', () => void refresh())
  useEventListener(document, 'visibilitychange', () => {
    if (!document.hidden) void refresh()
  })
  useIntervalFn(() => void refresh(), HOUR_MS)
}
