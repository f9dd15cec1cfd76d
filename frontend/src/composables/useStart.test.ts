import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { defineComponent } from 'vue'
import { beforeEach, expect, test, vi } from 'vitest'
import * as client from '@/api/client'
import { ApiProblem } from '@/api/client'
import { i18n } from '@/locales'
import { useCatalogue } from '@/stores/catalogue'
import { useDraft } from '@/stores/draft'
import { aBatch, aModel, anUpload, aProvider, later } from '@/testing/fakes'
import { createTiles } from './uploadTiles'
import { bodyOf, createKeys, useStart } from './useStart'
import { useUploads } from './useUploads'

vi.mock('@/api/client', async (original) => ({
  ...(await original<typeof client>()),
  submitBatch: vi.fn(),
  submitDuel: vi.fn(),
  estimateBatch: () => new Promise(() => undefined),
  deleteUpload: () => Promise.resolve(),
}))
const submit = vi.mocked(client.submitBatch)
const pinia = createPinia()
const lost = new ApiProblem(0, 'offline', 'no network')

function world() {
  let start!: ReturnType<typeof useStart>
  const started = vi.fn()
  const host = defineComponent({
    setup() {
      start = useStart(started)
      return () => null
    },
  })
  mount(host, { global: { plugins: [pinia, i18n] } })
  const catalogue = useCatalogue()
  catalogue.providers = [aProvider({ models: [aModel()] })]
  catalogue.limits = { max_upload_mb: 20, max_megapixels: 50, max_batch_items: 100, max_prompt_characters: 100 }
  Object.assign(useDraft().draft, { prompt: 'white', provider: 'demo', model: 'painter', variants: 2 })
  return { start, started }
}
const keyOf = (call: number) => submit.mock.calls[call]?.[1]

beforeEach(() => {
  submit.mockReset()
  localStorage.clear()
})

test('words alone make as many pictures as variants, images multiply', () => {
  const { start } = world()
  expect(start.pictures.value).toBe(2)
  useUploads().images.restore(['a', 'b', 'c'].map((id) => ({ ...anUpload(id), name: id, prompt: '' })))
  expect(start.pictures.value).toBe(6)
  expect(start.costMicros.value).toBe(120_000)
  useUploads().images.clear()
})

test('a larger size and every image that is sent along are in the cost', () => {
  const { start } = world()
  const prices = [
    { size: '1K', price_micros: 20_000 },
    { size: '2K', price_micros: 35_000 },
  ]
  useCatalogue().providers = [aProvider({ models: [aModel({ prices, input_price_micros: 8_000 })] })]
  expect(start.costMicros.value).toBe(2 * 20_000)
  useDraft().draft.size = '2K'
  useUploads().images.restore([{ ...anUpload('a'), name: 'a', prompt: '' }])
  expect(start.costMicros.value).toBe(2 * (35_000 + 8_000))
  useUploads().images.clear()
  useDraft().draft.size = null
})

test('a press after a lost answer carries the same key; the next act has its own', async () => {
  const { start, started } = world()
  submit.mockRejectedValueOnce(lost).mockResolvedValue(aBatch('b1'))
  await start.start()
  expect(start.problem.value?.code).toBe('offline')
  await start.start()
  expect(started).toHaveBeenCalledOnce()
  expect(keyOf(1)).toBe(keyOf(0))
  await start.start()
  expect(keyOf(2)).not.toBe(keyOf(0))
})

test('two presses in one moment are one submission', async () => {
  const { start } = world()
  const answer = later<client.Batch>()
  submit.mockReturnValue(answer.promise)
  void start.start()
  void start.start()
  expect(submit).toHaveBeenCalledOnce()
  expect(start.busy.value).toBe(true)
  answer.resolve(aBatch('b1'))
  await flushPromises()
  expect(start.busy.value).toBe(false)
})

test('what may go on elsewhere is sent along where there is another provider, and only there', async () => {
  const { start } = world()
  submit.mockResolvedValue(aBatch('b1'))
  const [gemini, doubao] = ['gemini', 'doubao'].map((id) => aProvider({ id }))
  Object.assign(useDraft().draft, { provider: 'gemini', policy: 'same_price' })
  for (const providers of [[gemini!, doubao!], [gemini!]]) {
    useCatalogue().providers = providers
    await start.start()
  }
  expect(submit.mock.calls.map(([body]) => body.policy)).toEqual(['same_price', 'none'])
  useDraft().draft.policy = 'none'
})

test('while something is missing nothing is sent', async () => {
  const { start } = world()
  useDraft().draft.prompt = ' '
  await start.start()
  expect(submit).not.toHaveBeenCalled()
  expect(start.reasons.value).toHaveLength(1)
})

test('a sample goes with the submission, and another contestant makes it a duel under a key of its own', async () => {
  const { start, started } = world()
  const { draft } = useDraft()
  const duel = vi.mocked(client.submitDuel)
  submit.mockResolvedValue(aBatch('b1'))
  duel.mockRejectedValueOnce(lost).mockResolvedValue({ id: 'd1', created_at: '', chosen: null, contestants: [] })
  draft.pilot = { on: true, mode: 'first', size: 1, chosen: [] }
  await start.start()
  expect(submit.mock.calls[0]?.[0].pilot).toEqual({ mode: 'first', size: 1 })

  draft.contestants = [{ prompt: 'black', provider: null, model: null }]
  await start.start()
  expect(draft.contestants).toHaveLength(1) // the answer was lost: pressed again it is the same act
  await start.start()

  expect(started).toHaveBeenCalledOnce()
  expect(duel.mock.calls[1]?.[0].contestants).toEqual([{}, { prompt: 'black' }])
  expect(duel.mock.calls[1]?.[1]).toBe(duel.mock.calls[0]?.[1])
  expect(draft.contestants).toEqual([])
  draft.pilot = { ...draft.pilot, on: false }
})

test('an image that the server no longer has is marked where it is', async () => {
  const { start } = world()
  const { images } = useUploads()
  images.restore(['a', 'b'].map((id) => ({ ...anUpload(id), name: id, prompt: '' })))
  const detail = { field: 'items[1].upload_id', code: 'unknown_upload', message: 'upload again' }
  submit.mockRejectedValue(new ApiProblem(422, 'unknown_upload', 'upload again', [detail]))
  await start.start()
  expect(images.tiles.value.map((tile) => tile.state)).toEqual(['done', 'failed'])
  images.clear()
})

test('a changed submission never reuses a key', () => {
  let n = 0
  const keys = createKeys(() => `k${++n}`)
  const body = { prompt: 'a', items: [{}] }
  expect([keys.for(body), keys.for(body), keys.for({ ...body, prompt: 'b' })]).toEqual(['k1', 'k1', 'k2'])
  keys.answered()
  expect(keys.for({ ...body, prompt: 'b' })).toBe('k3')
})

test('a name and an own prompt go with their image', () => {
  const list = createTiles()
  list.restore([
    { ...anUpload('u1'), name: 'front.jpg', prompt: ' blue ' },
    { ...anUpload('u2'), name: 'back.jpg', prompt: ' ' },
  ])
  const body = bodyOf(useDraft().draft, list.tiles.value, [])
  expect(body.items).toEqual([
    { upload_id: 'u1', name: 'front.jpg', prompt: ' blue ' },
    { upload_id: 'u2', name: 'back.jpg' },
  ])
})
