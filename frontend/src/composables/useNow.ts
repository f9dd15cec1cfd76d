/** The time, once a second: one timer for the whole page, and none while nobody looks at it. */
import { tryOnScopeDispose } from '@vueuse/core'
import { readonly, shallowRef, type Ref } from 'vue'

const now = shallowRef(Date.now())
let watchers = 0
let timer = 0

function leave() {
  watchers -= 1
  if (watchers === 0) clearInterval(timer)
}

export function useNow(): Readonly<Ref<number>> {
  now.value = Date.now()
  if (watchers === 0) timer = window.setInterval(() => (now.value = Date.now()), 1000)
  watchers += 1
  tryOnScopeDispose(leave)
  return readonly(now)
}
