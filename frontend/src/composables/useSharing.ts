/** Who else may see a batch: the team, and whoever holds a link. A new link is told once. */
import { shallowRef, toValue, type MaybeRefOrGetter } from 'vue'
import { createLink, getSharing, putSharing, revokeLink, type ShareLink, type Sharing } from '@/api/accounts'
import { getBatch } from '@/api/client'
import { useLive } from '@/stores/live'
import { useSubmit } from './useSubmit'

export function useSharing(id: MaybeRefOrGetter<string>) {
  const live = useLive()
  const sharing = shallowRef<Sharing>()
  const fresh = shallowRef<{ id: string; url: string }>()
  const { busy, problem, send } = useSubmit()
  const load = () =>
    send(async () => {
      sharing.value = await getSharing(toValue(id))
    })

  async function changed(act: () => Promise<void>) {
    if (await send(act)) void getBatch(toValue(id)).then(live.putBatch, () => undefined) // its mark says so too
  }
  void load()

  return {
    sharing,
    fresh,
    busy,
    problem,
    load,
    setTeam: (on: boolean) =>
      changed(async () => {
        sharing.value = await putSharing(toValue(id), on)
      }),
    create: (days: number, only: ShareLink['only']) =>
      changed(async () => {
        const made = await createLink(toValue(id), days, only)
        fresh.value = { id: made.id, url: made.url }
        sharing.value = await getSharing(toValue(id))
      }),
    revoke: (link: string) =>
      changed(async () => {
        await revokeLink(toValue(id), link)
        if (fresh.value?.id === link) fresh.value = undefined
        sharing.value = await getSharing(toValue(id))
      }),
  }
}
