/** Invitations that wait to be taken. A new one's link is told once. */
import { shallowRef } from 'vue'
import { invite, listInvitations, revokeInvitation, type InvitationDraft, type MadeLink } from '@/api/accounts'
import { usePages } from './usePages'

export function useInvitations() {
  const pages = usePages(listInvitations)
  const made = shallowRef<MadeLink>()
  void pages.load()

  return {
    ...pages,
    made,
    /** Throws an ApiProblem. */
    invite: async (body: InvitationDraft) => {
      made.value = await invite(body)
      await pages.load()
    },
    /** Throws an ApiProblem. */
    revoke: async (id: string) => {
      await revokeInvitation(id)
      pages.drop(id)
    },
  }
}
