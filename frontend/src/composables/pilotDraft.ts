/** What of the draft is to be made first, and by whom. */
import type { DuelDraft, Model, PilotDraft, PilotMode } from '@/api/client'
import type { Draft } from '@/stores/draft'
import { keepOffered } from './offeredOptions'
import { priceOf } from './prices'
import type { Reason } from './startReasons'
import type { Tile } from './uploadTiles'

export const MODES: readonly PilotMode[] = ['first', 'spread', 'chosen']
export const SIZES = [1, 2, 3, 5, 10, 20]
export const MOST_OTHERS = 3
export const MOST_SAMPLE = 20

/** Where the chosen images stand among the draft's images, in order. */
function places(chosen: readonly string[], images: readonly Tile[]): number[] {
  const wanted = new Set(chosen)
  return images.flatMap((tile, at) => (wanted.has(tile.uploadId) ? [at] : [])).slice(0, MOST_SAMPLE)
}

const wantsSample = ({ pilot, contestants }: Draft) => pilot.on || contestants.length > 0
/** Of one image there is nothing to choose. */
const byImages = ({ pilot }: Draft, images: readonly Tile[]) => pilot.mode === 'chosen' && images.length > 1

/** How many pictures are made first by each; 0: no sample, all are made at once. */
export function sampleSize(draft: Draft, pictures: number, images: readonly Tile[]): number {
  if (!wantsSample(draft)) return 0
  if (byImages(draft, images)) return places(draft.pilot.chosen, images).length
  return Math.min(draft.pilot.size, pictures)
}

/** As the server takes it; undefined: there is nothing to wait for. */
export function pilotOf(draft: Draft, pictures: number, images: readonly Tile[]): PilotDraft | undefined {
  const size = sampleSize(draft, pictures, images)
  if (!size || (size >= pictures && !draft.contestants.length)) return undefined
  if (!byImages(draft, images)) return { mode: draft.pilot.mode === 'spread' ? 'spread' : 'first', size }
  return { mode: 'chosen', indexes: places(draft.pilot.chosen, images).map((at) => at * draft.variants) }
}

export function contestantsOf(
  draft: Draft,
  modelOf: (provider: string | null, model: string | null) => Model | undefined,
): DuelDraft['contestants'] {
  const others = draft.contestants.map(({ prompt, provider, model }) => {
    const other = provider && model ? modelOf(provider, model) : undefined
    const words = prompt.trim() ? { prompt } : {}
    if (!other) return words
    const kept = { ...draft }
    keepOffered(kept, other) // what the other model does not know is left to it
    const options = { size: kept.size, format: kept.format, seed: kept.seed, watermark: kept.watermark }
    return { ...words, provider, model, options: { ...options, aspect_ratio: kept.aspectRatio } }
  })
  return [{}, ...others]
}

/** Micro-USD of all samples of a duel, by the models' own tables. `images`: sent with each picture. */
export function duelMicros(
  draft: Draft,
  modelOf: (provider: string | null, model: string | null) => Model | undefined,
  samples: number,
  images: number,
): number {
  return [draft, ...draft.contestants].reduce((sum, { provider, model }) => {
    const made = modelOf(provider ?? draft.provider, model ?? draft.model)
    const size = made && draft.size && made.sizes.includes(draft.size) ? draft.size : null
    return sum + (made ? priceOf(made, size, images) * samples : 0)
  }, 0)
}

/** `economy`: it was meant for the economy lane, where a person would wait too long for a sample. */
export function pilotReasons(draft: Draft, samples: number, economy = false): Reason[] {
  const found: Reason[] = []
  if (economy) found.push({ key: 'pilot.inEconomy', params: {} })
  if (wantsSample(draft) && !samples) found.push({ key: 'pilot.chooseFirst', params: {} })
  const told = [draft, ...draft.contestants].map(({ prompt, provider, model }, n) =>
    JSON.stringify(
      n
        ? [prompt.trim() || draft.prompt.trim(), provider ?? draft.provider, model ?? draft.model]
        : [prompt.trim(), provider, model],
    ),
  )
  if (new Set(told).size < told.length) found.push({ key: 'pilot.same', params: {} })
  return found
}
