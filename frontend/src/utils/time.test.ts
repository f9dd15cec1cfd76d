import { afterEach, beforeEach, expect, test } from 'vitest'
import { setLanguage } from '@/locales'
import { formatClock } from './time'

beforeEach(() => setLanguage('en'))
afterEach(() => setLanguage('zh-CN'))

/** That time of the reader's own day. */
const at = (day: number, hour: number, minute: number, second = 0) => new Date(2026, 10, day, hour, minute, second)
const clock = (then: Date, now: Date) => formatClock(then.toISOString(), now.getTime())

test('what comes within the hour is told to the second, what is later to the minute', () => {
  expect(clock(at(25, 18, 32, 10), at(25, 18, 31))).toBe('18:32:10')
  expect(clock(at(25, 18, 32, 10), at(25, 8, 0))).toBe('18:32')
})

test('the next 24 hours need no date, what is later has one', async () => {
  expect(clock(at(26, 8, 0), at(25, 23, 0))).toBe('08:00')
  expect(clock(at(26, 8, 0), at(25, 7, 59))).toBe('Nov 26, 08:00')
  await setLanguage('zh-CN')
  expect(clock(at(26, 8, 0), at(25, 7, 59))).toBe('11月26日 08:00')
})
