/** Failed pictures, grouped by why, and what helps. */
import { asTemplate, variablesOf } from '@/composables/promptTemplates'
import type { Category, Item } from '@/api/client'

/** retry: again as it is. change: with another prompt or model. admin: nobody here can help. */
export type Remedy = 'retry' | 'change' | 'admin'

export interface FailureGroup {
  category: Category
  items: Item[]
  remedies: readonly Remedy[]
  /** A rerun may be charged again. */
  maybeCharged: boolean
}

const REMEDIES: Record<Category, readonly Remedy[]> = {
  blocked: ['change'],
  invalid_input: ['change'],
  model_unavailable: ['change'],
  no_image: ['change', 'retry'],
  bad_output: ['retry', 'change'],
  rate_limited: ['retry'],
  timeout: ['retry'],
  upstream_error: ['retry'],
  interrupted: ['retry'],
  quota_exhausted: ['admin'],
  auth: ['admin'],
  storage: ['admin'],
  budget: ['admin'],
}

/** Largest group first. */
export function groupFailures(items: Iterable<Item>): FailureGroup[] {
  const groups = new Map<Category, Item[]>()
  for (const item of items) {
    if (item.state !== 'failed' || !item.error) continue
    const { category } = item.error
    const group = groups.get(category)
    if (group) group.push(item)
    else groups.set(category, [item])
  }
  return [...groups]
    .map(([category, failed]) => ({
      category,
      items: failed,
      remedies: REMEDIES[category],
      maybeCharged: category === 'bad_output' || failed.some((item) => item.possibly_paid),
    }))
    .sort((a, b) => b.items.length - a.items.length)
}

/** The prompt that all of them have, else the batch's where it has variables, else the first one's. */
export function sharedPrompt(items: readonly Item[], batch: string): { prompt: string; differs: boolean } {
  const prompt = items[0]?.prompt ?? ''
  const differs = items.some((item) => item.prompt !== prompt)
  if (differs && variablesOf(batch).length) return { prompt: batch, differs: false }
  return { prompt: asTemplate(prompt), differs }
}

/** Whether a picture that failed so is worth offering again as it is. */
export function canRetry(item: Item): boolean {
  if (item.state === 'cancelled') return true
  return item.state === 'failed' && (!item.error || REMEDIES[item.error.category].includes('retry'))
}

/** Codes of failures that are not called as their category is. */
const CATEGORIES: Record<string, Category> = {
  blocked_input: 'blocked',
  blocked_output: 'blocked',
  blocked_recitation: 'blocked',
  blocked_person: 'blocked',
  no_image_cut: 'no_image',
  bad_output_blank: 'bad_output',
  bad_output_unchanged: 'bad_output',
  bad_output_ratio: 'bad_output',
  bad_output_small: 'bad_output',
  provider_rate_limited: 'rate_limited',
  upstream_busy: 'upstream_error',
  upstream_unclear: 'upstream_error',
}

export function categoryOf(code: string): Category {
  if (code in REMEDIES) return code as Category
  return CATEGORIES[code] ?? 'upstream_error'
}
