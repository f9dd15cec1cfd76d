/** Who hears of finished batches: my targets, as the server keeps them. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { asProblem, getNotices, putNotices, type NoticeTargetDraft, type Notices } from '@/api/client'

export const useNotices = defineStore('notices', () => {
  const kept = shallowRef<Notices>()
  const problem = shallowRef('')
  const targets = computed(() => kept.value?.targets ?? [])

  async function load() {
    try {
      kept.value = await getNotices()
      problem.value = ''
    } catch (reason) {
      problem.value = asProblem(reason).message
    }
  }

  /** What is there, without the secrets, which nobody gets to see again. */
  const asKept = (): NoticeTargetDraft[] =>
    targets.value.map(({ id, kind, label, language }) => ({ id, kind, label, language }))

  /** Throws an ApiProblem; then nothing has changed. */
  async function add(target: NoticeTargetDraft) {
    const first = targets.value.length === 0 // whoever sets up the first wants to hear
    kept.value = await putNotices({ targets: [...asKept(), target], default: first || (kept.value?.default ?? false) })
  }

  async function remove(id: string) {
    await change(
      asKept().filter((target) => target.id !== id),
      kept.value?.default ?? false,
    )
  }

  const setDefault = (on: boolean) => change(asKept(), on)

  async function change(wanted: NoticeTargetDraft[], isDefault: boolean) {
    try {
      kept.value = await putNotices({ targets: wanted, default: isDefault })
      problem.value = ''
    } catch (reason) {
      problem.value = asProblem(reason).message
    }
  }

  return { kept, targets, problem, load, add, remove, setDefault }
})
