import { shallowRef, watchEffect } from 'vue'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Batch, Item, Page } from '@/api/client'
import type { Events } from '@/composables/useEvents'
import { browserLanguage, setLanguage } from '@/locales'
import { aBatch, anItem, later } from '@/testing/fakes'
import { createLive } from './live'

function fakeEvents() {
  const handlers = {
    item: [] as ((i: Item) => void)[],
    batch: [] as ((b: Batch) => void)[],
    gone: [] as ((id: string) => void)[],
    reset: [] as (() => void)[],
    closed: [] as (() => void)[],
  }
  const stands = later<undefined>()
  const events: Events = {
    online: shallowRef(true),
    start: vi.fn(),
    stop: vi.fn(),
    connected: () => stands.promise,
    on: (kind, handler) => {
      ;(handlers[kind] as (typeof handler)[]).push(handler)
      return () => undefined
    },
  }
  return {
    events,
    stands: () => stands.resolve(undefined),
    item: (item: Item) => handlers.item.forEach((tell) => tell(item)),
    batch: (batch: Batch) => handlers.batch.forEach((tell) => tell(batch)),
    gone: (id: string) => handlers.gone.forEach((tell) => tell(id)),
    reset: () => handlers.reset.forEach((tell) => tell()),
  }
}

function fakeApi(items: Item[], batch = aBatch('b1')) {
  const pages: Page<Item>[] = []
  for (let i = 0; i < Math.max(items.length, 1); i += 200)
    pages.push({
      items: items.slice(i, i + 200),
      total: items.length,
      next_cursor: i + 200 < items.length ? String(i + 200) : null,
    })
  return {
    getBatch: vi.fn(() => Promise.resolve(batch)),
    listItems: vi.fn((_id: string, query: { cursor?: string } = {}) =>
      Promise.resolve(pages[Number(query.cursor ?? 0) / 200]!),
    ),
  }
}

function world(items: Item[] = []) {
  const stream = fakeEvents()
  const api = fakeApi(items)
  return { stream, api, live: createLive(stream.events, api) }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(async () => {
  vi.useRealTimers()
  await setLanguage('zh-CN')
})

test('an older version never wins, neither in the inbox nor over what is shown', () => {
  const { live } = world()
  live.putItem(anItem('i1', 5, { state: 'succeeded' }))
  live.putItem(anItem('i1', 3, { state: 'running' }))
  vi.advanceTimersToNextFrame()
  expect(live.item('i1')?.value.state).toBe('succeeded')
  live.putItem(anItem('i1', 4, { state: 'running' }))
  live.putBatch(aBatch('b1', 2, { name: 'new' }))
  vi.advanceTimersToNextFrame()
  live.putBatch(aBatch('b1', 1, { name: 'old' }))
  vi.advanceTimersToNextFrame()
  expect(live.item('i1')?.value.state).toBe('succeeded')
  expect(live.batch('b1').value?.name).toBe('new')
})

test('a burst repaints once, and only what changed', () => {
  const { live } = world()
  live.putItem(anItem('i1', 1))
  live.putItem(anItem('i2', 1))
  vi.advanceTimersToNextFrame()
  let paints = 0
  const stop = watchEffect(() => (paints += live.item('i1')?.value ? 1 : 0), { flush: 'sync' })
  for (let version = 2; version < 400; version++) live.putItem(anItem('i1', version))
  live.putItem(anItem('i2', 2))
  expect(paints).toBe(1)
  vi.advanceTimersToNextFrame()
  expect(paints).toBe(2)
  expect(live.item('i1')?.value.version).toBe(399)
  stop()
})

test('items stand in the order of their index, however they arrive', () => {
  const { live } = world()
  for (const id of ['i3', 'i1', 'i10', 'i2']) live.putItem(anItem(id))
  vi.advanceTimersToNextFrame()
  expect(live.order('b1').value).toEqual(['i1', 'i2', 'i3', 'i10'])
})

test('open listens first, then reads every page, and keeps what the stream said meanwhile', async () => {
  const { live, stream, api } = world(Array.from({ length: 450 }, (_, n) => anItem(`i${n}`)))
  const opened = live.open('b1')
  await Promise.resolve()
  expect(api.getBatch).not.toHaveBeenCalled()
  stream.item(anItem('i7', 9, { state: 'succeeded' }))
  stream.stands()
  await opened
  expect(api.listItems).toHaveBeenCalledTimes(3)
  expect(live.order('b1').value).toHaveLength(450)
  expect(live.item('i7')?.value.state).toBe('succeeded')
})

test('a reset reads again what is open, and nothing else', async () => {
  const { live, stream, api } = world([anItem('i1')])
  stream.reset()
  expect(api.getBatch).not.toHaveBeenCalled()
  stream.stands()
  await live.open('b1')
  stream.reset()
  await vi.runAllTimersAsync()
  expect(api.getBatch).toHaveBeenCalledTimes(2)
})

test('items of a batch that nobody looks at are not collected', () => {
  const { live, stream } = world()
  stream.item(anItem('i1'))
  vi.advanceTimersByTime(100)
  expect(live.item('i1')).toBeUndefined()
})

test('new batches come first, watchers hear of them, a deleted one is forgotten', () => {
  const { live, stream } = world()
  const heard = vi.fn()
  const off = live.onBatch(heard)
  stream.batch(aBatch('old', 1, { created_at: '2026-11-24T01:00:00.000Z' }))
  stream.batch(aBatch('new', 1, { created_at: '2026-11-24T02:00:00.000Z' }))
  vi.advanceTimersToNextFrame()
  expect(live.batchIds.value).toEqual(['new', 'old'])
  expect(heard).toHaveBeenCalledTimes(2)
  off()
  live.forget('new')
  expect(live.batchIds.value).toEqual(['old'])
  expect(live.batch('new').value).toBeUndefined()
})

test('a batch that was deleted elsewhere leaves by itself', () => {
  const { live, stream } = world()
  stream.batch(aBatch('b1'))
  vi.advanceTimersToNextFrame()
  stream.gone('b1')
  expect(live.batchIds.value).toEqual([])
})

test('a hidden tab, which gets no frames, is brought up to date once a second', () => {
  const { live } = world()
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  live.putItem(anItem('i1'))
  vi.advanceTimersByTime(500)
  expect(live.item('i1')).toBeUndefined()
  vi.advanceTimersByTime(600)
  expect(live.item('i1')).toBeDefined()
  hidden.mockRestore()
})

test('only the five batches opened last keep their items', async () => {
  const { live, stream } = world([anItem('i1')])
  stream.stands()
  await live.open('b1')
  for (const id of ['b2', 'b3', 'b4', 'b5', 'b6']) await live.open(id)
  expect(live.order('b1').value).toEqual([])
})

test('where the page speaks another language than the browser, failures are read again for their sentence', async () => {
  const { live, stream, api } = world([anItem('i1')])
  stream.stands()
  await live.open('b1')
  const failed = anItem('i1', 2, {
    state: 'failed',
    error: { category: 'blocked', code: 'x', message: 'x', retryable: true },
  })
  await setLanguage(browserLanguage())
  stream.item(failed)
  await vi.advanceTimersByTimeAsync(2500)
  expect(api.listItems).toHaveBeenCalledTimes(1)
  await setLanguage(browserLanguage() === 'en' ? 'zh-CN' : 'en')
  stream.item(failed)
  stream.item(failed)
  await vi.advanceTimersByTimeAsync(2500)
  expect(api.listItems).toHaveBeenCalledTimes(2)
  expect(api.listItems.mock.lastCall?.[1]).toMatchObject({ state: 'failed' })
})
