/** Whether the draft can be started, what it makes and costs, and the starting itself. */
import { computed, shallowRef, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { asProblem, submitBatch, type ApiProblem, type Batch, type BatchDraft } from '@/api/client'
import { useCatalogue } from '@/stores/catalogue'
import { useDraft, type Draft } from '@/stores/draft'
import { useLive } from '@/stores/live'
import { economyBody, useEconomy } from './useEconomy'
import { startReasons, type Readiness } from './startReasons'
import { useUploads } from './useUploads'
import type { Tile } from './uploadTiles'

/** One key per act: the same submission after a lost answer carries the key it had, anything else a new one. */
export function createKeys(make: () => string = newKey) {
  let key = ''
  let meant = ''
  return {
    for(body: BatchDraft): string {
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

export function bodyOf(draft: Draft, images: readonly Tile[], references: readonly Tile[]): BatchDraft {
  const items = images.map((tile) => ({
    upload_id: tile.uploadId,
    name: tile.name,
    ...(tile.prompt.trim() ? { prompt: tile.prompt } : {}),
  }))
  return {
    prompt: draft.prompt,
    provider: draft.provider,
    model: draft.model,
    items: items.length ? items : [{}],
    variants: draft.variants,
    references: references.map((tile) => tile.uploadId),
    options: { aspect_ratio: draft.aspectRatio, size: draft.size, seed: draft.seed },
  }
}

const done = (tiles: readonly Tile[]) => tiles.filter((tile) => tile.state === 'done')

export function useStart(started: (batch: Batch) => void) {
  const { t } = useI18n()
  const { draft } = useDraft()
  const catalogue = useCatalogue()
  const { images, references } = useUploads()
  const keys = createKeys()
  const busy = shallowRef(false)
  const problem = shallowRef<ApiProblem>()

  const provider = computed(() => catalogue.provider(draft.provider))
  const model = computed(() => catalogue.model(draft.provider, draft.model))
  const pictures = computed(() => Math.max(images.counts.done, 1) * draft.variants)
  const economy = useEconomy(
    () => draft,
    () => model.value,
  )
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
  }))
  const reasons = computed(() => [
    ...startReasons(readiness.value).map(({ key, params }) => t(key, params, Number(params.n ?? 1))),
    ...(economy.reason.value ? [t(economy.reason.value)] : []),
  ])
  const leftOut = computed(() => images.counts.failed + references.counts.failed)

  async function start() {
    if (busy.value || reasons.value.length) return
    busy.value = true
    problem.value = undefined
    const [base, refs] = [done(images.tiles.value), done(references.tiles.value)]
    const chosen = { ...draft, provider: provider.value?.id ?? null, model: model.value?.id ?? null }
    const body = { ...bodyOf(chosen, base, refs), ...(economy.chosen.value ? economyBody(draft) : {}) }
    try {
      const batch = await submitBatch(body, keys.for(body))
      keys.answered()
      useLive().putBatch(batch)
      started(batch)
    } catch (reason) {
      const told = asProblem(reason)
      if (told.status >= 400 && told.status < 500) keys.answered() // refused: nothing was taken
      problem.value = told
      markGone(told, base, refs)
    } finally {
      busy.value = false
    }
  }

  function markGone(told: ApiProblem, base: readonly Tile[], refs: readonly Tile[]) {
    for (const { field, code, message } of told.details) {
      if (code !== 'unknown_upload') continue
      const [, list, place] = /^(items|references)\[(\d+)\]/.exec(field) ?? []
      const [tiles, queue] = list === 'items' ? [base, images] : [refs, references]
      const tile = tiles[Number(place)]
      if (tile) queue.gone(tile, message)
    }
  }

  return { model, pictures, costMicros, reasons, leftOut, busy, problem, start }
}
