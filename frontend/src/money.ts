import { i18n } from '@/locales'

const MICROS = 1_000_000

/** "$2.34", "<$0.01" where it is something but less than a cent, "Free" for nothing. */
export function formatMoney(micros: number): string {
  if (micros <= 0) return i18n.global.t('money.free')
  const cents = Math.round(micros / 10_000)
  if (cents < 1) return '<$0.01'
  const [whole, rest] = (cents / 100).toFixed(2).split('.')
  return `$${Number(whole).toLocaleString('en-US')}.${rest ?? '00'}`
}

/** What one picture costs: with as many places as a small price needs. */
export function formatPrice(micros: number): string {
  if (micros <= 0 || micros % 10_000 === 0) return formatMoney(micros)
  return `$${(micros / MICROS).toFixed(4).replace(/0{1,2}$/, '')}`
}
