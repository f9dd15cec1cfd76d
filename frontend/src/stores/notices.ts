/** Who hears of finished batches: my targets, as the server keeps them. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { asProblem, getNotices, putNotices, type NoticeTargetDraft, type Notices } from '@/api/client'

export const useNotices = defineStore('notices', () => {
  const kept = shallowRef<Notices>()
  const problem = shallowRef('')
  /** Secrets that were made here, by target: the server tells them once, a person may need longer. */
  const fresh = shallowRef<Readonly<Record<string, string>>>({})
  const targets = computed(() => kept.value?.targets ?? [])

  async function load() {
    await told(async () => {
      kept.value = await getNotices()
    })
  }

  /** Throws an ApiProblem; then nothing has changed. */
  const add = (target: NoticeTargetDraft) =>
    change(({ targets: all, default: usual }) => ({
      targets: [...all, target],
      default: usual || all.length === 0, // whoever sets up the first wants to hear
    }))

  const remove = (id: string) =>
    told(() => change((now) => ({ ...now, targets: now.targets.filter((target) => target.id !== id) })))

  const setDefault = (on: boolean) => told(() => change((now) => ({ ...now, default: on })))

  /** From what there is now: another tab may have changed it. */
  async function change(next: (now: { targets: NoticeTargetDraft[]; default: boolean }) => typeof now) {
    const now = await getNotices()
    const drafts = now.targets.map(({ id, kind, label, language }) => ({ id, kind, label, language }))
    const after = await putNotices(next({ targets: drafts, default: now.default }))
    const made = after.targets.flatMap(({ id, secret }) => (secret ? [[id, secret] as const] : []))
    fresh.value = { ...fresh.value, ...Object.fromEntries(made) }
    kept.value = after
  }

  async function told(act: () => Promise<void>) {
    try {
      await act()
      problem.value = ''
    } catch (reason) {
      problem.value = asProblem(reason).message
    }
  }

  return { kept, targets, problem, fresh, load, add, remove, setDefault, forgetSecrets: () => (fresh.value = {}) }
})
