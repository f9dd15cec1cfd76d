import { effectScope, shallowRef } from 'vue'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as client from '@/api/client'
import type { Notice } from '@/api/client'
import { aBatch } from '@/testing/fakes'
import { useBatchNotices } from './useBatchNotices'

vi.mock('@/api/client', async (original) => ({ ...(await original<typeof client>()), listBatchNotices: vi.fn() }))
const list = vi.mocked(client.listBatchNotices)
const notice = (state: Notice['state']): { notices: Notice[] } => ({
  notices: [{ kind: 'webhook', target: 'https://x/…', state, attempts: 1, error: null }],
})
const ended = (at: string) => aBatch('b1', 1, { state: 'completed', finished_at: at })

beforeEach(() => {
  vi.useFakeTimers()
  list.mockReset()
})
afterEach(() => void vi.useRealTimers())

test('what is on its way is asked for again until it is there, and then no more', async () => {
  list
    .mockResolvedValueOnce(notice('waiting'))
    .mockRejectedValueOnce(new Error('away'))
    .mockResolvedValue(notice('sent'))
  const scope = effectScope()
  const notices = scope.run(() => useBatchNotices(ended('2026-11-24T03:00:00.000Z')))!
  await vi.advanceTimersByTimeAsync(20_000)
  expect(notices.value[0]?.state).toBe('sent')
  expect(list).toHaveBeenCalledTimes(3)
  scope.stop()
})

test('another end of the same batch is looked at anew; a page that is left asks no more', async () => {
  list.mockResolvedValue(notice('waiting'))
  const batch = shallowRef(ended('2026-11-24T03:00:00.000Z'))
  const scope = effectScope()
  scope.run(() => useBatchNotices(batch))
  await vi.advanceTimersByTimeAsync(0)
  batch.value = ended('2026-11-24T04:00:00.000Z')
  await vi.advanceTimersByTimeAsync(0)
  expect(list).toHaveBeenCalledTimes(2)
  scope.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(list).toHaveBeenCalledTimes(2)
})
