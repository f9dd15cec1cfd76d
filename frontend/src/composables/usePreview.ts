/** The words of one line as the server will send them, a moment after the last change. */
import { watchDebounced } from '@vueuse/core'
import { computed, shallowRef } from 'vue'
import { asProblem, previewPrompts, type BatchItem, type Preview } from '@/api/client'
import { missingIn } from './promptTemplates'
import { itemOf, usePromptRows } from './usePromptRows'

const AFTER_MS = 250

export function usePreview() {
  const { made } = usePromptRows()
  const wanted = shallowRef(1)
  const shown = shallowRef<Preview['items'][number]>()
  const problem = shallowRef('')
  const total = computed(() => made.value.length || 1)
  const at = computed(() => Math.min(wanted.value, total.value))
  const line = computed(() => made.value[at.value - 1])
  const missing = computed(() => line.value && missingIn(line.value.prompt, line.value.values)[0])
  const asked = computed(() => {
    const now = line.value
    if (!now || missing.value) return ''
    const name = now.name || `image-${now.number}` // as the server names it; only this one is sent
    return JSON.stringify([now.prompt, { ...itemOf(now), upload_id: null, name }])
  })

  async function look() {
    const words = asked.value
    if (!words) return
    try {
      const [prompt, item] = JSON.parse(words) as [string, BatchItem]
      const { items } = await previewPrompts(prompt, [item])
      if (words !== asked.value) return
      shown.value = items[0]
      problem.value = ''
    } catch (reason) {
      if (words === asked.value) problem.value = asProblem(reason).message
    }
  }

  watchDebounced(asked, look, { debounce: AFTER_MS, maxWait: 1000, immediate: true })

  return { at, total, shown, missing, problem, go: (step: number) => (wanted.value = at.value + step) }
}
