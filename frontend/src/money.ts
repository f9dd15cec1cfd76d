/** Amounts as people read them: in the operator's currency. Inside, money is whole micro-USD everywhere. */
import { shallowRef } from 'vue'
import { i18n } from '@/locales'

const MICROS = 1_000_000
const SIGNS = { USD: '$', CNY: '¥' }
export type Currency = keyof typeof SIGNS

const shown = shallowRef<{ currency: Currency; rate: number }>({ currency: 'USD', rate: 1 })

/** `cnyRate`: yuan for one dollar. It changes what is shown, never what is counted. */
export function showMoneyIn(currency: Currency, cnyRate: number) {
  shown.value = { currency, rate: currency === 'CNY' ? cnyRate : 1 }
}

export const currencySign = () => SIGNS[shown.value.currency]

/** "$2.34", "<$0.01" where it is something but less than a cent, "Free" for nothing. */
export function formatMoney(micros: number): string {
  if (micros <= 0) return i18n.global.t('money.free')
  return formatSum(micros)
}

/** As formatMoney, but a sum of nothing is "$0.00". */
export function formatSum(micros: number): string {
  if (micros < 0) return `-${formatSum(-micros)}`
  const cents = Math.round((micros * shown.value.rate) / 10_000)
  if (micros > 0 && cents < 1) return `<${currencySign()}0.01`
  const [whole, rest] = (cents / 100).toFixed(2).split('.')
  return `${currencySign()}${Number(whole).toLocaleString('en-US')}.${rest ?? '00'}`
}

/** What one picture costs: with as many places as a small price needs. */
export function formatPrice(micros: number): string {
  if (micros < 0) return `-${formatPrice(-micros)}`
  const amount = (micros * shown.value.rate) / MICROS
  const text = amount.toFixed(4)
  if (micros === 0 || text.endsWith('00')) return formatMoney(micros)
  return `${currencySign()}${text.replace(/0{1,2}$/, '')}`
}

/** Micro-USD of an amount that was typed in the currency that is shown; undefined: it is none. */
export function parseMoney(text: string): number | undefined {
  const amount = text.trim().replace(/^[$¥]/, '').replaceAll(',', '')
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(amount)) return undefined
  return Math.round((Number(amount) / shown.value.rate) * MICROS)
}

/** As it would be typed. */
export function plainMoney(micros: number): string {
  return String(Number(((micros * shown.value.rate) / MICROS).toFixed(4)))
}
