/** My tokens for the API. A new one is told once. */
import { shallowRef } from 'vue'
import { createToken, deleteToken, listTokens, type TokenDraft } from '@/api/accounts'
import { usePages } from './usePages'

export function useTokens() {
  const pages = usePages(listTokens)
  const fresh = shallowRef<{ id: string; token: string }>()
  void pages.load()

  return {
    ...pages,
    fresh,
    /** Throws an ApiProblem. */
    create: async (body: TokenDraft) => {
      const { id, token } = await createToken(body)
      fresh.value = { id, token }
      await pages.load()
    },
    /** Throws an ApiProblem. */
    remove: async (id: string) => {
      await deleteToken(id)
      pages.drop(id)
      if (fresh.value?.id === id) fresh.value = undefined
    },
  }
}
