import { mount } from '@vue/test-utils'
import { defineComponent, h, nextTick, shallowRef } from 'vue'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as client from '@/api/client'
import type { Batch } from '@/api/client'
import { i18n } from '@/locales'
import { aBatch } from '@/testing/fakes'
import { useHold } from './useHold'

vi.mock('@/api/client', async (original) => ({ ...(await original<typeof client>()), getBatch: vi.fn() }))
const read = vi.mocked(client.getBatch)
const counts = aBatch('b1').counts

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 10, 25, 18, 31, 45) })
  read.mockReset().mockResolvedValue(aBatch('b1'))
})
afterEach(() => void vi.useRealTimers())

function watched(batch: Batch) {
  const ref = shallowRef(batch)
  const host = defineComponent({
    setup() {
      const words = useHold(() => ref.value)
      return () => h('p', words.value)
    },
  })
  return { ref, page: mount(host, { global: { plugins: [i18n] } }) }
}
const until = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()

test('the words count down and go when the time has come', async () => {
  const { page } = watched(aBatch('b1', 1, { hold: { category: 'rate_limited', until: until(25) } }))
  expect(page.text()).toBe('达到平台限速，18:32:10 继续（25秒后）')
  vi.advanceTimersByTime(5000)
  await nextTick()
  expect(page.text()).toBe('达到平台限速，18:32:10 继续（20秒后）')
  vi.advanceTimersByTime(20_000)
  await nextTick()
  expect(page.text()).toBe('')
  page.unmount()
})

test('a batch of which nothing runs is read again now and then, any other tells by its events', () => {
  const { ref, page } = watched(aBatch('b1', 1, { counts: { ...counts, queued: 0, running: 1 } }))
  vi.advanceTimersByTime(20_000)
  ref.value = aBatch('b1', 2, { paused: true })
  vi.advanceTimersByTime(20_000)
  ref.value = aBatch('b1', 3, { state: 'completed' })
  vi.advanceTimersByTime(20_000)
  expect(read).not.toHaveBeenCalled()

  ref.value = aBatch('b1', 4)
  vi.advanceTimersByTime(20_000)
  expect(read.mock.calls).toEqual([['b1'], ['b1']])
  page.unmount()
  vi.advanceTimersByTime(20_000)
  expect(read).toHaveBeenCalledTimes(2)
})
