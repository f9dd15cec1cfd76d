import { flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { effectScope, shallowRef } from 'vue'
import { beforeEach, expect, test, vi } from 'vitest'
import { useLive } from '@/stores/live'
import { aBatch } from '@/testing/fakes'
import type { Events } from './useEvents'
import { useOthersEvents } from './useOthersEvents'

type Handlers = Record<string, (given: never) => void>

function aStream(path: string) {
  const on: Handlers = {}
  const events = { start: vi.fn(), stop: vi.fn(), on: (kind: string, act: Handlers[string]) => void (on[kind] = act) }
  return { path, on, events: events as unknown as Events }
}

beforeEach(() => setActivePinia(createPinia()))

test("another's batch has a stream of its own while it is looked at, and one's own has none", async () => {
  const streams: ReturnType<typeof aStream>[] = []
  const create = (path: string) => {
    streams.push(aStream(path))
    return streams.at(-1)!.events
  }
  const id = shallowRef('')
  const reload = vi.fn(() => Promise.resolve())
  const scope = effectScope()
  scope.run(() => useOthersEvents(() => id.value, reload, create))
  expect(streams).toEqual([])

  id.value = 'b1'
  await flushPromises()
  expect(streams.map(({ path }) => path)).toEqual(['/api/batches/b1/events'])
  const [first] = streams
  first!.on.batch!(aBatch('b1', 3) as never)
  await vi.waitFor(() => expect(useLive().batch('b1').value?.version).toBe(3))

  first!.on.gone!('b1' as never)
  expect([useLive().batch('b1').value, reload.mock.calls.length]).toEqual([undefined, 1])

  id.value = 'b2'
  await flushPromises()
  expect(first!.events.stop).toHaveBeenCalledOnce()
  scope.stop()
  expect(streams[1]!.events.stop).toHaveBeenCalledOnce()
})
