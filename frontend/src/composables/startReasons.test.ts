import { expect, test } from 'vitest'
import { aModel, aProvider } from '@/testing/fakes'
import { lengthOf, startReasons, type Readiness } from './startReasons'

const READY: Readiness = {
  catalogue: 'ready',
  provider: aProvider(),
  model: aModel(),
  limits: { max_upload_mb: 20, max_megapixels: 50, max_batch_items: 10, max_prompt_characters: 5 },
  prompt: 'white',
  images: 3,
  references: 0,
  uploading: 0,
  pictures: 3,
  texts: false,
  missing: [],
  waiting: 0,
}
const keys = (change: Partial<Readiness>) => startReasons({ ...READY, ...change }).map(({ key }) => key)

test('a complete draft has no reason to wait', () => {
  expect(keys({})).toEqual([])
})

test('words alone are enough where the model paints from text, and not elsewhere', () => {
  expect(keys({ images: 0, pictures: 1 })).toEqual([])
  expect(keys({ images: 0, pictures: 1, model: aModel({ text_to_image: false }) })).toEqual(['start.noImage'])
})

test('every reason is told at once', () => {
  expect(keys({ prompt: ' ', uploading: 2, images: 0, pictures: 11, references: 3 })).toEqual([
    'start.noPrompt',
    'start.uploading',
    'start.tooMany',
    'start.tooManyReferences',
  ])
})

test('a provider without a key, an unread catalogue and a long prompt each say what to do', () => {
  expect(keys({ provider: aProvider({ available: false }) })).toEqual(['start.unavailable'])
  expect(keys({ provider: undefined })).toEqual(['start.noModel'])
  expect(keys({ catalogue: 'loading' })).toEqual(['start.loading'])
  expect(keys({ catalogue: 'missing' })).toEqual(['start.noCatalogue'])
  expect(keys({ prompt: 'whiter' })).toEqual(['start.longPrompt'])
})

test('a model that went offline is not started, nor a provider that has none left', () => {
  const gone = aModel({ available: false })
  expect(keys({ model: gone })).toEqual(['models.cannot'])
  expect(keys({ provider: aProvider({ available: false, models: [gone] }), model: gone })).toEqual(['models.none'])
})

test('a missing value is named with its row, and how many more there are', () => {
  const missing = [
    { number: 4, name: 'colour' },
    { number: 7, name: 'mood' },
  ]
  const told = (n: number) => startReasons({ ...READY, missing: missing.slice(0, n) })
  expect(told(1)).toEqual([{ key: 'variables.missing', params: { number: 4, name: 'colour' } }])
  expect(told(2)).toEqual([{ key: 'variables.missingMore', params: { number: 4, name: 'colour', n: 1 } }])
})

test('rows whose images are not here make nothing, and text rows need a model that paints from text', () => {
  expect(keys({ images: 0, waiting: 2 })).toEqual(['variables.waitingOnly'])
  expect(keys({ texts: true, model: aModel({ text_to_image: false }) })).toEqual(['start.noImage'])
})

test('an emoji counts as one character, as on the server', () => {
  expect(lengthOf('🎨🎨a')).toBe(3)
})
