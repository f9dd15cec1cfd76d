/** Names of the zip's files as the draft's pattern makes them, a moment after the last change. */
import { tryOnScopeDispose, watchDebounced } from '@vueuse/core'
import { computed, shallowRef } from 'vue'
import { asProblem, previewFilenames } from '@/api/client'
import { useDraft } from '@/stores/draft'
import { itemOf, usePromptRows } from './usePromptRows'

const AFTER_MS = 300
const FIRST = 3

export function useFilenames() {
  const { draft } = useDraft()
  const { made } = usePromptRows()
  const names = shallowRef<readonly string[]>([])
  const unknown = shallowRef<readonly string[]>([])
  const problem = shallowRef('')
  let asking: AbortController | undefined
  const total = computed(() => Math.max(1, made.value.length) * draft.variants)

  const body = computed(() => ({
    filename_pattern: draft.filenamePattern.trim(),
    items: made.value.slice(0, FIRST).map((line) => ({ ...itemOf(line), upload_id: null })),
    total: total.value,
    variants: draft.variants,
    model: draft.model ?? '',
    format: draft.format ?? 'png',
    batch: draft.prompt.trim().split('\n')[0]?.slice(0, 60) ?? '',
  }))

  async function look() {
    asking?.abort()
    const mine = (asking = new AbortController())
    if (!body.value.filename_pattern) {
      names.value = unknown.value = []
      problem.value = ''
      return
    }
    try {
      const told = await previewFilenames(body.value, mine.signal)
      if (mine !== asking) return
      names.value = told.names
      unknown.value = told.unknown
      problem.value = ''
    } catch (reason) {
      if (mine === asking) problem.value = asProblem(reason).message
    }
  }

  watchDebounced(body, look, { debounce: AFTER_MS, maxWait: 1000, immediate: true })
  tryOnScopeDispose(() => asking?.abort())

  return { names, unknown, problem, more: computed(() => total.value - names.value.length) }
}
