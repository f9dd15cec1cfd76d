import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { aBatch, anItem } from '@/testing/fakes'
import { createEvents, delay } from './useEvents'

class FakeSource extends EventTarget {
  readyState = 0
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  close = vi.fn()
  constructor(readonly url: string) {
    super()
  }
  opens() {
    this.readyState = 1
    this.onopen?.()
  }
  breaks(forGood = true) {
    this.readyState = forGood ? 2 : 0
    this.onerror?.()
  }
  says(kind: string, data: unknown, lastEventId = '') {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data), lastEventId }))
  }
}

function stream() {
  const sources: FakeSource[] = []
  const events = createEvents(
    (url) => {
      const source = new FakeSource(url)
      sources.push(source)
      return source as unknown as EventSource
    },
    () => 0.5,
  )
  events.start()
  return { events, sources, last: () => sources.at(-1)! }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', { CLOSED: 2 })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a new connection asks for what came after the last event', () => {
  const { events, sources, last } = stream()
  const seen: string[] = []
  events.on('item', (item) => seen.push(item.id))
  last().opens()
  last().says('item', anItem('i1'), '17-0')
  last().breaks()
  expect(events.online.value).toBe(false)
  vi.advanceTimersByTime(1000)
  expect(sources).toHaveLength(2)
  expect(last().url).toBe('/api/events?after=17-0')
  last().opens()
  last().says('item', anItem('i2'), '18-0')
  expect(events.online.value).toBe(true)
  expect(seen).toEqual(['i1', 'i2'])
})

test('a batch event has no id of its own and does not lose the place', () => {
  const { events, last } = stream()
  const heard = vi.fn()
  events.on('batch', heard)
  last().opens()
  last().says('item', anItem('i1'), '17-0')
  last().says('batch', aBatch('b1'))
  last().breaks()
  vi.advanceTimersByTime(1000)
  expect(heard).toHaveBeenCalledOnce()
  expect(last().url).toContain('after=17-0')
})

test('while the browser reconnects by itself no second stream is opened', () => {
  const { sources, last } = stream()
  last().opens()
  last().breaks(false)
  vi.advanceTimersByTime(60_000)
  expect(sources).toHaveLength(1)
})

test('reset is handed on, and so is a fresh start without a place', () => {
  const { events, last } = stream()
  const reset = vi.fn()
  events.on('reset', reset)
  last().opens()
  expect(reset).toHaveBeenCalledTimes(1)
  last().says('reset', {}, '99-0')
  expect(reset).toHaveBeenCalledTimes(2)
  last().breaks()
  vi.advanceTimersByTime(1000)
  last().opens()
  expect(last().url).toContain('after=99-0')
  expect(reset).toHaveBeenCalledTimes(2)
})

test('waits grow, bounded, with chance in them', () => {
  expect([0, 1, 2, 3].map((n) => delay(n, () => 0))).toEqual([500, 1000, 2000, 4000])
  expect(delay(50, () => 1)).toBe(30_000)
  const { sources, last } = stream()
  for (const wait of [750, 1500, 3000]) {
    last().breaks()
    const before = sources.length
    vi.advanceTimersByTime(wait - 1)
    expect(sources).toHaveLength(before)
    vi.advanceTimersByTime(1)
    expect(sources).toHaveLength(before + 1)
  }
})

test('the network coming back cuts the wait short', () => {
  const { sources, last } = stream()
  last().breaks()
  window.dispatchEvent(new Event('online'))
  expect(sources).toHaveLength(2)
  vi.advanceTimersByTime(60_000)
  expect(sources).toHaveLength(2)
})

test('connected waits for the stream, but not forever', async () => {
  const { events, last } = stream()
  const first = events.connected(3000)
  vi.advanceTimersByTime(3000)
  await first
  const second = events.connected(3000)
  last().opens()
  await second
  await events.connected(3000)
  events.stop()
  expect(last().close).toHaveBeenCalled()
})
