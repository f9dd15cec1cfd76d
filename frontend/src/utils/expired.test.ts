import { expect, test } from 'vitest'
import { aBatch } from '@/testing/fakes'
import { hasPictures } from './expired'

const counts = { total: 2, queued: 0, waiting: 0, running: 0, succeeded: 2, failed: 0, cancelled: 0 }
const ended = aBatch('b1', 1, { counts, finished_at: '2026-11-01T00:00:00.000Z' })

test('a batch whose pictures were deleted has none to download', () => {
  expect(hasPictures(ended)).toBe(true)
  expect(hasPictures({ ...ended, results_expired_at: '2026-12-01T00:00:00.000Z' })).toBe(false)
})

test('pictures that came after the deletion are there', () => {
  const again = { ...ended, finished_at: '2026-12-02T00:00:00.000Z' }

  expect(hasPictures({ ...again, results_expired_at: '2026-12-01T00:00:00.000Z' })).toBe(true)
  expect(hasPictures({ ...again, finished_at: null, results_expired_at: '2026-12-01T00:00:00.000Z' })).toBe(true)
})

test('where nothing succeeded there is nothing', () => {
  expect(hasPictures(aBatch('b1'))).toBe(false)
})
