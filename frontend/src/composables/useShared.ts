/** A batch behind a link, for somebody without an account: its results, a page at a time. */
import { shallowRef } from 'vue'
import { getShared, listShared, openShared, type SharedBatch } from '@/api/accounts'
import { asProblem } from '@/api/client'
import { usePages } from './usePages'

const PAGE = 60
const NOBODY = [401, 403, 404]

export function useShared() {
  const batch = shallowRef<SharedBatch>()
  const problem = shallowRef('')
  /** The link is wrong, has run out or was taken back. */
  const gone = shallowRef(false)
  const pages = usePages((cursor) => listShared(batch.value?.id ?? '', { limit: PAGE, cursor }))

  async function show(ask: () => Promise<SharedBatch>) {
    problem.value = ''
    gone.value = false
    try {
      batch.value = await ask()
      await pages.load()
    } catch (reason) {
      const told = asProblem(reason)
      batch.value = undefined
      gone.value = NOBODY.includes(told.status)
      if (!gone.value) problem.value = told.message
    }
  }

  return {
    batch,
    problem,
    gone,
    pages,
    /** By the link's token; from then on the browser may read it by its id. */
    open: (token: string) => show(async () => (await openShared(token)).batch),
    reopen: (id: string) => show(() => getShared(id)),
    refuse: () => (gone.value = true),
  }
}
