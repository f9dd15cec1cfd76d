import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test } from 'vitest'
import { useDraft, type Draft } from '@/stores/draft'
import { aModel } from '@/testing/fakes'
import { contestantsOf, duelMicros, pilotOf, pilotReasons, sampleSize } from './pilotDraft'
import { createTiles } from './uploadTiles'

const tiles = ['u1', 'u2', 'u3', 'u4'].map((uploadId) =>
  Object.assign(createTiles().make(uploadId, null, 'done'), { uploadId }),
)
const other = aModel({ id: 'pro', price_micros: 50_000, input_price_micros: 1_000, sizes: ['2K'], takes_seed: false })
const modelOf = (_: string | null, id: string | null) => (id === 'pro' ? other : aModel())

function draft(more: Partial<Draft> = {}): Draft {
  return { ...useDraft().draft, prompt: 'white', provider: 'demo', model: 'painter', ...more }
}
const on = (more: Partial<Draft['pilot']> = {}) => ({ on: true, mode: 'first' as const, size: 3, chosen: [], ...more })

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})

test('without the wish for a sample there is none', () => {
  expect(pilotOf(draft(), 4, tiles)).toBeUndefined()
  expect(sampleSize(draft(), 4, tiles)).toBe(0)
})

test('a sample does not go by the economy lane', () => {
  const keys = (slow: boolean) => pilotReasons(draft({ pilot: on() }), 3, slow).map(({ key }) => key)
  expect(keys(true)).toEqual(['pilot.inEconomy'])
  expect(keys(false)).toEqual([])
})

test('a sample is the first ones or spread, and never more than there are', () => {
  expect(pilotOf(draft({ pilot: on() }), 4, tiles)).toEqual({ mode: 'first', size: 3 })
  expect(pilotOf(draft({ pilot: on({ mode: 'spread', size: 2 }) }), 4, tiles)).toEqual({ mode: 'spread', size: 2 })
  expect(sampleSize(draft({ pilot: on({ size: 20 }) }), 4, tiles)).toBe(4)
  expect(pilotOf(draft({ pilot: on({ size: 4 }) }), 4, tiles)).toBeUndefined() // nothing would be left to approve
})

test('chosen images are meant by the index of their first variant, in the order of the images', () => {
  const chosen = draft({ variants: 2, pilot: on({ mode: 'chosen', chosen: ['u4', 'u2', 'gone'] }) })
  expect(pilotOf(chosen, 8, tiles)).toEqual({ mode: 'chosen', indexes: [2, 6] })
  expect(sampleSize(chosen, 8, tiles)).toBe(2)
})

test('nothing chosen is a reason not to start; without images the first ones are meant', () => {
  const none = draft({ pilot: on({ mode: 'chosen' }) })
  expect(pilotReasons(none, sampleSize(none, 4, tiles)).map(({ key }) => key)).toEqual(['pilot.chooseFirst'])
  expect(pilotOf(none, 5, [])).toEqual({ mode: 'first', size: 3 })
})

test('a duel always has a sample, also of all there is', () => {
  const duel = draft({ contestants: [{ prompt: 'black', provider: null, model: null }] })
  expect(pilotOf(duel, 2, tiles.slice(0, 2))).toEqual({ mode: 'first', size: 2 })
  expect(contestantsOf(duel, modelOf)).toEqual([{}, { prompt: 'black' }])
  expect(pilotReasons(duel, 2)).toEqual([])
})

test('a contestant that is like another one is a reason not to start', () => {
  const same = { prompt: ' white ', provider: null, model: null }
  expect(pilotReasons(draft({ contestants: [same] }), 2).map(({ key }) => key)).toEqual(['pilot.same'])
  const pro = { ...same, provider: 'demo', model: 'pro' }
  expect(pilotReasons(draft({ contestants: [pro] }), 2)).toEqual([])
})

test('another model keeps what it offers of the settings and is paid by its own table', () => {
  const contestants = [{ prompt: '', provider: 'demo', model: 'pro' }]
  const duel = draft({ contestants, size: '1K', aspectRatio: '1:1', seed: 4 })
  expect(contestantsOf(duel, modelOf)[1]).toEqual({
    provider: 'demo',
    model: 'pro',
    options: { aspect_ratio: '1:1', size: null, format: null, seed: null, watermark: false },
  })
  expect(duel.seed).toBe(4)
  expect(duelMicros(duel, modelOf, 3, 1)).toBe(3 * 20_000 + 3 * 51_000)
})

test('of one image there is nothing to choose, and nothing stands in the way', () => {
  const alone = draft({ pilot: on({ mode: 'chosen', chosen: ['u2'] }) })
  expect(pilotReasons(alone, sampleSize(alone, 1, tiles.slice(0, 1)))).toEqual([])
})
