/** What stands behind the link of an invitation or a reset: looked up once its token is there. */
import { shallowRef, watch } from 'vue'
import { asProblem } from '@/api/client'
import { useHashToken } from './useHashToken'

/** `absent`: why there is nothing; "gone" where the link has been used or has ended. */
export function useTicket<T>(lookAt: (token: string) => Promise<T>, found: (ticket: T) => void = () => undefined) {
  const token = useHashToken()
  const ticket = shallowRef<T>()
  const absent = shallowRef('')

  watch(
    token,
    async (one) => {
      absent.value = ''
      if (!one) return
      try {
        ticket.value = await lookAt(one)
        found(ticket.value)
      } catch (reason) {
        const told = asProblem(reason)
        absent.value = told.status === 404 ? 'gone' : told.message
      }
    },
    { immediate: true },
  )
  return { token, ticket, absent }
}
