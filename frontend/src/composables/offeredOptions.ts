/** Another model may not offer what was chosen for the last one: that goes back to the default. */
import type { Model } from '@/api/client'
import type { Draft } from '@/stores/draft'

export function keepOffered(draft: Draft, model: Model) {
  if (draft.aspectRatio && !model.aspect_ratios.includes(draft.aspectRatio)) draft.aspectRatio = null
  if (draft.size && !model.sizes.includes(draft.size)) draft.size = null
  if (draft.format && !model.formats.includes(draft.format)) draft.format = null
  if (!model.takes_seed) draft.seed = null
  if (!model.takes_watermark) draft.watermark = false
  draft.variants = Math.min(draft.variants, model.max_variants)
}
