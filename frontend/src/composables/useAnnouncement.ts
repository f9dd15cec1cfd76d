/** What a screen reader is told while pictures come in: the newest words, at most every five seconds. */
import { tryOnScopeDispose } from '@vueuse/core'
import { readonly, shallowRef, watch, type Ref } from 'vue'

const PAUSE_MS = 5000

export function useAnnouncement(words: () => string): Readonly<Ref<string>> {
  const said = shallowRef('')
  let timer = 0

  function say() {
    timer = 0
    said.value = words()
  }

  watch(words, (now) => {
    if (now && !timer) timer = window.setTimeout(say, PAUSE_MS)
  })
  tryOnScopeDispose(() => clearTimeout(timer))
  return readonly(said)
}
