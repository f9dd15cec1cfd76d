import type { Limits, Model, Provider } from '@/api/client'
import type { Missing } from './usePromptRows'

export interface Readiness {
  catalogue: 'loading' | 'missing' | 'ready'
  provider: Provider | undefined
  model: Model | undefined
  limits: Limits | undefined
  prompt: string
  /** Uploaded completely. */
  images: number
  references: number
  /** Still on their way. */
  uploading: number
  pictures: number
  /** Some are made from words alone. */
  texts: boolean
  /** Variables without a value. */
  missing: readonly Missing[]
  /** Rows of a table whose images are not here, where there is nothing else to make. */
  waiting: number
}
export interface Reason {
  key: string
  params: Record<string, string | number>
}

/** Every reason why Start can't, the most helpful first; none: it can. */
export function startReasons(at: Readiness): Reason[] {
  if (at.catalogue === 'loading') return [reason('start.loading')]
  if (at.catalogue === 'missing') return [reason('start.noCatalogue')]
  return [...modelReasons(at), ...promptReasons(at), ...imageReasons(at)]
}

function modelReasons({ provider, model }: Readiness): Reason[] {
  if (!provider || !model) return [reason('start.noModel')]
  if (!provider.available)
    return [
      reason(provider.models.some((one) => one.available) ? 'start.unavailable' : 'models.none', {
        provider: provider.name,
      }),
    ]
  return model.available ? [] : [reason('models.cannot', { model: model.name })]
}

function promptReasons({ prompt, limits, missing }: Readiness): Reason[] {
  if (!prompt.trim()) return [reason('start.noPrompt')]
  const limit = limits?.max_prompt_characters ?? Infinity
  const found = lengthOf(prompt) > limit ? [reason('start.longPrompt', { limit })] : []
  const [first] = missing
  if (first && missing.length > 1) found.push(reason('variables.missingMore', { ...first, n: missing.length - 1 }))
  else if (first) found.push(reason('variables.missing', { ...first }))
  return found
}

function imageReasons(at: Readiness): Reason[] {
  const { model, limits, images, references, uploading, pictures, texts, waiting } = at
  const found: Reason[] = []
  const limit = limits?.max_batch_items ?? Infinity
  if (uploading) found.push(reason('start.uploading', { n: uploading }))
  else if (waiting) found.push(reason('variables.waitingOnly', { n: waiting }))
  else if ((!images || texts) && model && !model.text_to_image) found.push(reason('start.noImage'))
  if (pictures > limit) found.push(reason('start.tooMany', { limit, n: pictures }))
  if (model && references > model.max_references)
    found.push(reason('start.tooManyReferences', { limit: model.max_references, n: references }))
  return found
}

/** As the server counts: an emoji is one. */
export function lengthOf(words: string): number {
  return Array.from(words).length
}

function reason(key: string, params: Reason['params'] = {}): Reason {
  return { key, params }
}
