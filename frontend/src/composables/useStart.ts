/** Whether the draft can be started, what it makes and costs, and the starting itself. */
import { computed, shallowRef, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import {
  asProblem,
  submitBatch,
  submitDuel,
  type ApiProblem,
  type Batch,
  type BatchDraft,
  type BatchItem,
  type Duel,
} from '@/api/client'
import { useCatalogue } from '@/stores/catalogue'
import { useDraft, type Draft } from '@/stores/draft'
import { useLive } from '@/stores/live'
import { hasElsewhere } from '@/utils/policy'
import { contestantsOf, duelMicros, pilotOf, pilotReasons, sampleSize } from './pilotDraft'
import { valuesUsed } from './promptTemplates'
import { economyBody, useEconomy } from './useEconomy'
import { startReasons, type Readiness } from './startReasons'
import { estimateOf, useEstimate } from './useEstimate'
import { itemOf, usePromptRows } from './usePromptRows'
import { useUploads } from './useUploads'
import type { Tile } from './uploadTiles'

/** One key per act: the same submission after a lost answer carries the key it had, anything else a new one. */
export function createKeys(make: () => string = newKey) {
  let key = ''
  let meant = ''
  return {
    for(body: object): string {
      const words = JSON.stringify(body)
      if (!key || meant !== words) key = make()
      meant = words
      return key
    },
    answered: () => (key = ''),
  }
}

/** Random enough, and also where the page is not served securely (randomUUID is not there). */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function bodyOf(
  draft: Draft,
  images: readonly Tile[],
  references: readonly Tile[],
  more: readonly BatchItem[] = [],
): BatchDraft {
  const own = images.map((tile) => {
    const variables = valuesUsed(tile.prompt.trim() ? tile.prompt : draft.prompt, tile.variables)
    return {
      upload_id: tile.uploadId,
      name: tile.name,
      ...(tile.folder ? { folder: tile.folder } : {}),
      ...(tile.prompt.trim() ? { prompt: tile.prompt } : {}),
      ...(Object.keys(variables).length ? { variables } : {}),
    }
  })
  const items = [...own, ...more]
  return {
    prompt: draft.prompt,
    provider: draft.provider,
    model: draft.model,
    items: items.length ? items : [{}],
    variants: draft.variants,
    references: references.map((tile) => tile.uploadId),
    ...(draft.notify ? { notify: draft.notify } : {}),
    options: {
      aspect_ratio: draft.aspectRatio,
      size: draft.size,
      format: draft.format,
      seed: draft.seed,
      watermark: draft.watermark,
    },
    policy: draft.policy,
    ...(draft.filenamePattern.trim() ? { filename_pattern: draft.filenamePattern.trim() } : {}),
    ...(draft.embedMetadata ? {} : { embed_metadata: false }),
  }
}

const done = (tiles: readonly Tile[]) => tiles.filter((tile) => tile.state === 'done')

/** A batch, or a duel where there are other contestants. */
function createSender(
  keys: ReturnType<typeof createKeys>,
  started: (batch: Batch) => void,
  dueled: (duel: Duel) => void,
) {
  const { draft } = useDraft()
  const catalogue = useCatalogue()

  return async (body: BatchDraft) => {
    if (!draft.contestants.length) {
      const batch = await submitBatch(body, keys.for(body))
      keys.answered()
      useLive().putBatch(batch)
      return started(batch)
    }
    const compared = { ...body, contestants: contestantsOf(draft, catalogue.model) }
    const duel = await submitDuel(compared, keys.for(compared))
    keys.answered()
    draft.contestants = []
    dueled(duel)
  }
}

/** `sent`: the tiles whose images went along, by the list that they stand in. */
function markGone(told: ApiProblem, sent: Record<'items' | 'references', readonly Tile[]>) {
  const { images, references } = useUploads()
  for (const { field, code, message } of told.details) {
    if (code !== 'unknown_upload') continue
    const [, list, place] = /^(items|references)\[(\d+)\]/.exec(field) ?? []
    const [tiles, queue] = list === 'items' ? [sent.items, images] : [sent.references, references]
    const tile = tiles[Number(place)]
    if (tile) queue.gone(tile, message)
  }
}

export function useStart(started: (batch: Batch) => void, dueled: (duel: Duel) => void = () => undefined) {
  const { t, locale } = useI18n()
  const { draft } = useDraft()
  const catalogue = useCatalogue()
  const { images, references } = useUploads()
  const rows = usePromptRows()
  const keys = createKeys()
  const send = createSender(keys, started, dueled)
  const busy = shallowRef(false)
  const problem = shallowRef<ApiProblem>()

  const provider = computed(() => catalogue.provider(draft.provider))
  const model = computed(() => catalogue.model(draft.provider, draft.model))
  const pictures = computed(() => Math.max(images.counts.done + rows.more.value.length, 1) * draft.variants)
  const sent = () => references.counts.done + Math.min(1, images.counts.done)
  const economy = useEconomy(draft, model, sent)
  const costMicros = computed(() => pictures.value * economy.price.value)
  const readiness: ComputedRef<Readiness> = computed(() => ({
    catalogue: catalogue.loaded ? 'ready' : catalogue.problem ? 'missing' : 'loading',
    provider: provider.value,
    model: model.value,
    limits: catalogue.limits,
    prompt: draft.prompt,
    images: images.counts.done,
    references: references.counts.done,
    uploading: [images, references].reduce((n, { counts }) => n + counts.waiting + counts.uploading, 0),
    pictures: pictures.value,
    texts: rows.more.value.some(({ kind }) => kind === 'text'),
    missing: rows.missing.value,
    waiting: rows.made.value.length ? 0 : rows.waiting.value,
  }))
  const samples = computed(() => sampleSize(draft, pictures.value, done(images.tiles.value)))
  const pilotNow = (base: readonly Tile[]) => pilotOf(draft, pictures.value, base)
  const reasons = computed(() => {
    const slow = economy.chosen.value && pilotNow(done(images.tiles.value)) !== undefined
    const all = [
      ...startReasons(readiness.value),
      ...economy.reasons.value,
      ...pilotReasons(
        { ...draft, provider: provider.value?.id ?? null, model: model.value?.id ?? null },
        samples.value,
        slow,
      ),
    ]
    return all.map(({ key, params }) => t(key, params, Number(params.n ?? 1)))
  })
  const samplesMicros = computed(() => duelMicros(draft, catalogue.model, samples.value, sent()))
  const leftOut = computed(() => images.counts.failed + references.counts.failed)

  const quote = useEstimate(
    () => [provider.value?.id, model.value?.id, images.tiles.value, images.counts.done, rows.more.value.length, references.tiles.value,
      references.counts.done, draft.variants, draft.aspectRatio, draft.size, draft.format, draft.seed, draft.watermark,
      economy.chosen.value, draft.neededBy, draft.fullPriceOk, draft.pilot, draft.contestants.length, samples.value, locale.value, busy.value], // prettier-ignore
    () => (model.value?.available && provider.value?.available ? estimateOf(bodyNow()) : undefined),
  )

  function bodyNow(base = done(images.tiles.value), refs = done(references.tiles.value)) {
    const policy = hasElsewhere(catalogue.providers, provider.value) ? draft.policy : 'none'
    const chosen = { ...draft, provider: provider.value?.id ?? null, model: model.value?.id ?? null, policy }
    const body = bodyOf(chosen, base, refs, rows.more.value.map(itemOf))
    return { ...body, pilot: pilotNow(base), ...(economy.chosen.value ? economyBody(draft) : {}) }
  }

  async function start() {
    if (busy.value || reasons.value.length) return
    busy.value = true
    problem.value = undefined
    const [base, refs] = [done(images.tiles.value), done(references.tiles.value)]
    const body = bodyNow(base, refs)
    try {
      await send(body)
    } catch (reason) {
      const told = asProblem(reason)
      if (told.status >= 400 && told.status < 500) keys.answered() // refused: nothing was taken
      problem.value = told
      markGone(told, { items: base, references: refs })
      if (told.code === 'model_gone' || told.code === 'models_gone') void catalogue.refresh()
    } finally {
      busy.value = false
    }
  }

  return { model, pictures, economy, samples, samplesMicros, costMicros, reasons, quote, leftOut, busy, problem, start }
}
