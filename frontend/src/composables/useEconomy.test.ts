import { expect, test } from 'vitest'
import { useDraft } from '@/stores/draft'
import { aModel } from '@/testing/fakes'
import { createPinia, setActivePinia } from 'pinia'
import { economyBody, economyPrice, isEconomy, localTime, presets } from './useEconomy'

const draftWith = (more: object) => {
  setActivePinia(createPinia())
  return Object.assign(useDraft().draft, more)
}

test('tonight is offered only while it is far enough ahead', () => {
  const at = (hour: number) => new Date(2026, 10, 25, hour, 0).getTime()
  expect(presets(at(10)).map(({ name }) => name)).toEqual(['tonight', 'tomorrow', 'day'])
  expect(presets(at(22)).map(({ name }) => name)).toEqual(['tomorrow', 'day'])
  expect(presets(at(10)).map((one) => one.at)).toEqual(['2026-11-25T23:00', '2026-11-26T09:00', '2026-11-26T10:00'])
})

test('a time is written and read back in the zone of whoever looks', () => {
  const noon = new Date(2026, 10, 25, 12, 0)
  expect(new Date(localTime(noon)).getTime()).toBe(noon.getTime())
})

test('the price of the lane is the part that the model says, rounded up', () => {
  const model = aModel({
    price_micros: 33_601,
    prices: [{ size: '4K', price_micros: 75_600 }],
    input_price_micros: 280,
    batch: true,
    batch_price: 0.5,
  })
  expect(economyPrice(model, null, 0)).toBe(16_801)
  expect(economyPrice(model, '4K', 2)).toBe(38_080)
})

test('a model without the lane goes by the normal one, whatever was chosen before', () => {
  const draft = draftWith({ lane: 'economy' })
  expect(isEconomy(draft, aModel({ batch: true }))).toBe(true)
  expect(isEconomy(draft, aModel({ batch: false }))).toBe(false)
})

test('the time is sent with its zone, and the consent with it', () => {
  const draft = draftWith({ lane: 'economy', neededBy: '2026-11-26T09:00', fullPriceOk: true })
  expect(economyBody(draft)).toEqual({
    lane: 'economy',
    needed_by: new Date(2026, 10, 26, 9, 0).toISOString(),
    full_price_ok: true,
  })
})
