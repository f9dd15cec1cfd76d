import { expect, test } from 'vitest'
import { formatMoney, formatPrice } from './money'
import { setLanguage } from './locales'

test('money is dollars and cents, and what is less than a cent says so', () => {
  expect(formatMoney(2_340_000)).toBe('$2.34')
  expect(formatMoney(1_234_500_000)).toBe('$1,234.50')
  expect(formatMoney(10_000)).toBe('$0.01')
  expect(formatMoney(4_999)).toBe('<$0.01')
})

test('nothing is free, in the language of the page', async () => {
  expect(formatMoney(0)).toBe('免费')
  await setLanguage('en')
  expect(formatMoney(0)).toBe('Free')
  await setLanguage('zh-CN')
})

test('the price of one picture keeps the places that a sum would drown', () => {
  expect(formatPrice(33_600)).toBe('$0.0336')
  expect(formatPrice(20_000)).toBe('$0.02')
  expect(formatPrice(500)).toBe('$0.0005')
})
