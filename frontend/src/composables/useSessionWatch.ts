/** The session as the whole page needs it: the stream while somebody is signed in, the login when nobody is. */
import { tryOnScopeDispose, useEventListener, useIntervalFn } from '@vueuse/core'
import { watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { onSignedOut } from '@/api/client'
import { loginFor } from '@/router/guard'
import { useSession, WHO_KEY } from '@/stores/session'
import { useEvents } from './useEvents'

const ASK_AGAIN_MS = 3000

export function useSessionWatch() {
  const session = useSession()
  const events = useEvents()
  const route = useRoute()
  const router = useRouter()

  function signedOut() {
    if (session.me) session.end()
    else if (!route.meta.open) void router.replace(loginFor(route.fullPath))
  }

  /** The server was away when the page opened: nobody knows yet who is here. */
  async function askAgain() {
    await session.ready()
    if (session.me === undefined) return
    pause()
    if (session.me === null) signedOut()
  }
  const { pause, resume } = useIntervalFn(() => void askAgain(), ASK_AGAIN_MS, { immediate: false })
  void router.isReady().then(() => {
    if (session.me === undefined && !route.meta.open) resume()
  })

  watch(
    () => session.signedIn,
    (here) => (here ? events.start() : events.stop()),
    { immediate: true },
  )
  tryOnScopeDispose(onSignedOut(signedOut))
  tryOnScopeDispose(events.on('closed', () => void session.check()))
  useEventListener(window, 'storage', (event) => {
    if (event.key === WHO_KEY) void session.check()
  })
}
