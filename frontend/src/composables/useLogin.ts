/** Signing in with name and password. */
import { computed, reactive } from 'vue'
import { useSession } from '@/stores/session'
import { useSubmit } from './useSubmit'

export function useLogin(username = '') {
  const session = useSession()
  const { busy, problem, wait, forgive, send } = useSubmit()
  const fields = reactive({ username, password: '' })
  const blocked = computed(() => wait.value > 0 || !fields.username.trim() || !fields.password)

  /** True: somebody is signed in now. */
  async function submit() {
    if (blocked.value) return false
    const body = { username: fields.username.trim(), password: fields.password }
    const done = await send(() => session.signIn(body))
    fields.password = '' // wrong or not, it is not kept
    return done
  }

  return { fields, busy, problem, wait, blocked, forgive, submit }
}
