import { expect, test } from 'vitest'
import { aModel } from '@/testing/fakes'
import type { Draft } from '@/stores/draft'
import { keepOffered } from './offeredOptions'
import { priceOf, priceRange } from './prices'

const CHOSEN = { aspectRatio: '1:1', size: '1K', format: 'png', seed: 7, watermark: true, variants: 8 } as Draft

test('what the model does not offer goes back to its default', () => {
  const draft = { ...CHOSEN }
  keepOffered(draft, aModel({ aspect_ratios: [], sizes: [], takes_seed: false, max_variants: 4 }))
  expect(draft).toEqual({ aspectRatio: null, size: null, format: null, seed: null, watermark: false, variants: 4 })
})

test('what it offers stays', () => {
  const draft = { ...CHOSEN }
  keepOffered(draft, aModel({ formats: ['png'], takes_watermark: true }))
  expect(draft).toEqual(CHOSEN)
})

test('prices go by size and by what is sent along', () => {
  const prices = [
    { size: '1K', price_micros: 20_000 },
    { size: '2K', price_micros: 35_000 },
  ]
  const model = aModel({ prices, input_price_micros: 8_000 })
  expect([priceOf(model, null, 0), priceOf(model, '2K', 2), priceOf(aModel(), '9K', 1)]).toEqual([
    20_000, 51_000, 20_000,
  ])
  expect(priceRange(model)).toEqual([20_000, 35_000])
  expect(priceRange(aModel())).toEqual([20_000, 20_000])
})
