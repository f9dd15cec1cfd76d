import { expect, test } from 'vitest'
import { formatMoney, formatPrice, formatSum, parseMoney, plainMoney, showMoneyIn } from './money'
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

test('a sum of nothing is nothing, and what is taken back is below it', () => {
  expect([0, 20_000, -1_250_000].map(formatSum)).toEqual(['$0.00', '$0.02', '-$1.25'])
  expect(formatPrice(-33_600)).toBe('-$0.0336')
})

test('amounts are shown and typed in the currency of the settings', () => {
  showMoneyIn('CNY', 7.1)
  expect([formatSum(1_000_000), formatPrice(33_600)]).toEqual(['¥7.10', '¥0.2386'])
  expect([parseMoney('71'), plainMoney(10_000_000)]).toEqual([10_000_000, '71'])
  showMoneyIn('USD', 7.1)
  expect(['$1,200.50', '50', '-1', 'x', '1e9', ''].map(parseMoney)).toEqual([
    1_200_500_000,
    50_000_000,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
