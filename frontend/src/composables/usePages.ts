/** A list that the server gives page by page. An answer to an older question is dropped. */
import { computed, shallowRef } from 'vue'
import { asProblem } from '@/api/client'
import type { Listing } from '@/api/accounts'

export function usePages<T extends { id: string }>(ask: (cursor: string | undefined) => Promise<Listing<T>>) {
  const items = shallowRef<readonly T[]>([])
  const cursor = shallowRef<string | null>(null)
  const loading = shallowRef(true)
  const loaded = shallowRef(false)
  const problem = shallowRef('')
  let asked = 0

  async function read(more: boolean) {
    const mine = ++asked
    loading.value = true
    problem.value = ''
    try {
      const page = await ask((more && cursor.value) || undefined)
      if (mine !== asked) return
      const known = new Set(more ? items.value.map(({ id }) => id) : [])
      items.value = [...(more ? items.value : []), ...page.items.filter(({ id }) => !known.has(id))]
      cursor.value = page.next_cursor ?? null
      loaded.value = true
    } catch (reason) {
      if (mine === asked) problem.value = asProblem(reason).message
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  return {
    items,
    loading,
    loaded,
    problem,
    more: computed(() => cursor.value !== null),
    load: () => read(false),
    loadMore: async () => {
      if (!loading.value && cursor.value) await read(true)
    },
    put: (one: T) => (items.value = items.value.map((each) => (each.id === one.id ? one : each))),
    drop: (id: string) => (items.value = items.value.filter((each) => each.id !== id)),
  }
}
