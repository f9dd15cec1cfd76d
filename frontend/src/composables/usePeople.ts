/** The people of this server, and what an admin can do with each. */
import { watchDebounced } from '@vueuse/core'
import { shallowRef } from 'vue'
import { deletePerson, listPeople, makeReset, patchPerson, signOutPerson, type PersonChange } from '@/api/accounts'
import { usePages } from './usePages'

/** What asks before it is done. */
export type PersonAsking = 'edit' | 'budget' | 'disable' | 'delete'
export type PersonCommand = PersonAsking | 'role' | 'reset' | 'signOut' | 'enable'

const PAGE = 50
const TYPING_MS = 250

export function usePeople() {
  const words = shallowRef('')
  const pages = usePages((cursor) => listPeople({ limit: PAGE, cursor, q: words.value.trim() || undefined }))
  watchDebounced(words, pages.load, { debounce: TYPING_MS })
  void pages.load()

  return {
    ...pages,
    words,
    /** Each throws an ApiProblem; then nothing has changed. */
    change: async (id: string, body: PersonChange) => void pages.put(await patchPerson(id, body)),
    remove: async (id: string) => {
      await deletePerson(id)
      pages.drop(id)
    },
    reset: makeReset,
    signOut: signOutPerson,
  }
}
