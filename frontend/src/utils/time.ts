/** Times and durations in the page's language. Without words of our own: the browser knows them. */
import { currentLanguage } from '@/locales'

const MINUTE = 60
const HOUR = 3600
const DAY = 24 * HOUR
const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
]
const WEEK_S = 7 * DAY

function amount(value: number, unit: 'second' | 'minute' | 'hour'): string {
  return new Intl.NumberFormat(currentLanguage(), { style: 'unit', unit, unitDisplay: 'short' }).format(value)
}

/** "45 sec", "3 min 20 sec", "1 hr 5 min": the two largest parts. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < MINUTE) return amount(whole, 'second')
  const [large, small] =
    whole < HOUR
      ? [amount(Math.floor(whole / MINUTE), 'minute'), part(whole % MINUTE, 'second')]
      : [amount(Math.floor(whole / HOUR), 'hour'), part(Math.floor((whole % HOUR) / MINUTE), 'minute')]
  return small ? `${large} ${small}` : large
}

function part(value: number, unit: 'second' | 'minute'): string {
  return value ? amount(value, unit) : ''
}

/** A guess is not told to the second: steps of 5 s, then of a minute. */
export function formatGuess(seconds: number): string {
  if (seconds < MINUTE) return formatDuration(Math.max(5, Math.ceil(seconds / 5) * 5))
  return formatDuration(Math.round(seconds / MINUTE) * MINUTE)
}

/** "just now", "5 minutes ago", "yesterday"; after a week the date. */
export function formatAgo(iso: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000)
  const words = new Intl.RelativeTimeFormat(currentLanguage(), { numeric: 'auto' })
  if (seconds >= WEEK_S) return formatDate(iso)
  for (const [unit, size] of STEPS) if (seconds >= size) return words.format(-Math.floor(seconds / size), unit)
  return words.format(0, 'second')
}

/** The date alone. */
export function formatDate(iso: string): string {
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium' }).format(Date.parse(iso))
}

/** Date and time to the second. */
export function formatExact(iso: string): string {
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium', timeStyle: 'medium' }).format(
    Date.parse(iso),
  )
}

/** "18:32" of the next 24 hours, later with the date; to the second where it is within the hour. */
export function formatClock(iso: string, now: number): string {
  const at = Date.parse(iso)
  const seconds = (at - now) / 1000
  return new Intl.DateTimeFormat(currentLanguage(), {
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds < HOUR ? { second: '2-digit' } : {}),
    ...(seconds < DAY ? {} : { month: 'short', day: 'numeric' }),
  }).format(at)
}

/** When something is due: the time alone today, else with its day. */
export function formatUntil(iso: string, now: number): string {
  const at = new Date(iso)
  const today = at.toDateString() === new Date(now).toDateString()
  const day = today ? {} : ({ month: 'short', day: 'numeric', weekday: 'short' } as const)
  return new Intl.DateTimeFormat(currentLanguage(), { ...day, hour: '2-digit', minute: '2-digit' }).format(at)
}

/** Seconds from `start` to `end`, or until now. */
export function secondsBetween(start: string | null, end: string | null, now: number): number {
  if (!start) return 0
  return Math.max(0, ((end ? Date.parse(end) : now) - Date.parse(start)) / 1000)
}
