/** Who is signed in here, and whether that still holds. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import * as api from '@/api/accounts'
import type { AuthOptions, Me } from '@/api/accounts'
import { asProblem } from '@/api/client'

/** Other tabs of this browser hear by this key that somebody came or left. */
export const WHO_KEY = 'batchgen.who'

let leaving = false
/** The page is about to be replaced, and nothing may hold it back. */
export const isLeaving = () => leaving

/** A new document: nothing of what the person before saw stays in memory. */
function startOver(path: string): void {
  leaving = true
  window.location.assign(path)
}

export const useSession = defineStore('session', () => {
  const options = shallowRef<AuthOptions>()
  const me = shallowRef<Me | null>() // undefined: not known; null: nobody
  /** The session ended under an open page, which stays as it is. */
  const ended = shallowRef(false)
  let asking: Promise<void> | undefined

  const accounts = computed(() => !!options.value && options.value.mode !== 'none')
  const signedIn = computed(() => !!me.value && !ended.value)
  const admin = computed(() => me.value?.role === 'admin')

  /** Ask once; whoever asks meanwhile shares the answer. Without an answer, the next one asks again. */
  async function ready() {
    if (options.value && me.value !== undefined) return
    asking ??= Promise.all([api.getAuthOptions(), api.getMe()])
      .then(([told, who]) => {
        options.value = told
        known(who)
      })
      .catch(() => undefined) // the server is away: the page says so where it needs it
      .finally(() => (asking = undefined))
    await asking
  }

  function known(who: Me | null) {
    me.value = who
    tellTabs(who)
  }

  /** Whoever signs in where somebody else was gets a page of their own. */
  function entered(who: Me) {
    const other = me.value && me.value.id !== who.id
    ended.value = false
    known(who)
    if (other) startOver('/')
  }

  /** Whether the one who was signed in still is; another tab may have changed that. */
  async function check() {
    const who = await api.getMe().catch(() => undefined)
    if (who) entered(who)
    else if (who === null && me.value) end()
  }

  function end() {
    ended.value = true
    tellTabs(null) // who comes back, here or there, is then news to the other tabs
  }

  async function leave(send: () => Promise<unknown>) {
    await send().catch((reason: unknown) => {
      if (asProblem(reason).code !== 'unauthenticated') throw reason // else the session was over already
    })
    tellTabs(null)
    startOver('/login')
  }

  return {
    options,
    me,
    ended,
    accounts,
    signedIn,
    admin,
    ready,
    entered,
    check,
    end,
    signIn: async (body: api.Login) => entered(await api.login(body)),
    join: async (body: api.InvitationAnswer) => entered(await api.acceptInvitation(body)),
    change: async (body: Parameters<typeof api.patchMe>[0]) => known(await api.patchMe(body)),
    signOut: () => leave(api.logout),
    signOutEverywhere: () => leave(api.logoutEverywhere),
  }
})

function tellTabs(who: Me | null) {
  try {
    localStorage.setItem(WHO_KEY, who?.id ?? '')
  } catch {
    // no storage: other tabs hear of it with their next request
  }
}
