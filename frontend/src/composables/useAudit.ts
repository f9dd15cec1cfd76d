/** Who did what to whom, newest first; of one person or one kind of act. */
import { shallowRef, watch } from 'vue'
import { listAudit, type Act } from '@/api/accounts'
import { usePages } from './usePages'

const PAGE = 50

export function useAudit() {
  const actor = shallowRef<Act['actor']>()
  const action = shallowRef<string>()
  const pages = usePages((cursor) =>
    listAudit({ limit: PAGE, cursor, actor: actor.value?.id, action: action.value ?? undefined }),
  )
  watch([actor, action], pages.load, { immediate: true })
  return { ...pages, actor, action }
}
