/** Who did what to whom, newest first; of one person or one kind of act. */
import { shallowRef, watch } from 'vue'
import { listAudit } from '@/api/accounts'
import { usePages } from './usePages'

const PAGE = 50

export function useAudit() {
  const actor = shallowRef<string>()
  const action = shallowRef<string>()
  const pages = usePages((cursor) =>
    listAudit({ limit: PAGE, cursor, actor: actor.value ?? undefined, action: action.value ?? undefined }),
  )
  watch([actor, action], pages.load, { immediate: true })
  return { ...pages, actor, action }
}
