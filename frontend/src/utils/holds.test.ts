import { expect, test } from 'vitest'
import type { Batch, Category } from '@/api/client'
import { aBatch } from '@/testing/fakes'
import { holdKind, holdOf, holdTimes } from './holds'

const NOW = new Date(2026, 10, 25, 18, 31, 45).getTime()
const inSeconds = (seconds: number) => new Date(NOW + seconds * 1000).toISOString()
const held = (category: Category, more: Partial<Batch> = {}) =>
  aBatch('b1', 1, { hold: { category, until: inSeconds(25) }, ...more })
const running = { total: 2, queued: 1, waiting: 0, running: 1, succeeded: 0, failed: 0, cancelled: 0 }

test('a hold counts down to its end and is over then', () => {
  const { hold } = held('rate_limited')
  expect(holdTimes(hold!, NOW)).toEqual({ at: '18:32:10', left: '25秒' })
  expect(holdTimes(hold!, NOW + 20_500).left).toBe('5秒')
  expect(holdOf(held('rate_limited'), NOW)).toEqual(hold)
  expect(holdOf(held('rate_limited'), NOW + 25_000)).toBeNull()
  expect(holdOf(aBatch('b1'), NOW)).toBeNull()
})

test('a batch whose pictures go on elsewhere is not said to stand still, unless a speed limit holds it', () => {
  expect(holdOf(held('upstream_error', { policy: 'any', counts: running }), NOW)).toBeNull()
  expect(holdOf(held('upstream_error', { policy: 'any' }), NOW)).not.toBeNull()
  expect(holdOf(held('upstream_error', { counts: running }), NOW)).not.toBeNull()
  expect(holdOf(held('rate_limited', { policy: 'any', counts: running }), NOW)).not.toBeNull()
})

test('what is no limit and no key is the provider’s trouble', () => {
  const kinds = (['rate_limited', 'quota_exhausted', 'auth', 'timeout', 'upstream_error'] as const).map(holdKind)
  expect(kinds).toEqual(['rate_limited', 'quota_exhausted', 'auth', 'upstream_error', 'upstream_error'])
})
