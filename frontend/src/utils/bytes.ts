/** Sizes as people read them, in the page's language. */
import { currentLanguage } from '@/locales'

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** "0 byte", "640 kB", "1.4 GB": steps of 1,024, as quotas are counted. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  const maximumFractionDigits = value < 10 && step > 1 ? 1 : 0
  const style = { style: 'unit', unit: UNITS[step], unitDisplay: 'short', maximumFractionDigits } as const
  return new Intl.NumberFormat(currentLanguage(), style).format(value)
}
