import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { defineComponent } from 'vue'
import { beforeEach, expect, test, vi } from 'vitest'
import * as client from '@/api/client'
import { useLive } from '@/stores/live'
import { useSession } from '@/stores/session'
import { aBatch } from '@/testing/fakes'
import { aMe, PASSWORDS } from '@/testing/people'
import { useTasks } from './useTasks'

vi.mock('@/api/client', async (original) => ({ ...(await original<typeof client>()), listBatches: vi.fn() }))
const list = vi.mocked(client.listBatches)
const mine = { id: 'u1', name: 'Li' }
const theirs = { id: 'u2', name: 'Mo' }

async function opened(mode: 'password' | 'none' = 'password') {
  setActivePinia(createPinia())
  const session = useSession()
  session.options = { ...PASSWORDS, mode }
  session.me = aMe()
  let tasks!: ReturnType<typeof useTasks>
  const page = mount(defineComponent({ setup: () => ((tasks = useTasks()), () => null) }))
  await flushPromises()
  return { tasks, page }
}
async function heard(batch: client.Batch) {
  useLive().putBatch(batch)
  await new Promise((painted) => requestAnimationFrame(painted))
  await flushPromises()
}

beforeEach(() => void list.mockReset().mockResolvedValue({ items: [], next_cursor: null, total: 0 }))

test("it is asked for one's own, and for the team's when that is chosen", async () => {
  const { tasks, page } = await opened()
  tasks.scope.value = 'team'
  await flushPromises()
  expect(list.mock.calls.map(([query]) => query?.scope)).toEqual(['mine', 'team'])
  page.unmount()
})

test('without accounts there is no choice to send', async () => {
  const { page } = await opened('none')
  expect(list.mock.calls.map(([query]) => query?.scope)).toEqual([undefined])
  page.unmount()
})

test("what comes by the stream joins the list that it belongs to: another's is not mine, mine not the team's", async () => {
  const { tasks, page } = await opened()
  await heard(aBatch('t1', 1, { owner: theirs }))
  await heard(aBatch('t2', 1, { owner: mine }))
  expect(tasks.ids.value).toEqual(['t2'])

  tasks.scope.value = 'team'
  await flushPromises()
  await heard(aBatch('t3', 1, { owner: mine }))
  await heard(aBatch('t4', 1, { owner: mine, shared: { team: true, links: 0 } }))
  expect(tasks.ids.value).toEqual(['t4'])
  page.unmount()
})

test('a search goes on through stretches without a match until a page is full or all was seen', async () => {
  const found = aBatch('s1', 1, { owner: mine })
  list
    .mockResolvedValueOnce({ items: [], next_cursor: null, total: 0 })
    .mockResolvedValueOnce({ items: [], next_cursor: 'a', total: 9 })
    .mockResolvedValueOnce({ items: [], next_cursor: 'b', total: 9 })
    .mockResolvedValueOnce({ items: [found], next_cursor: null, total: 9 })
  const { tasks, page } = await opened()
  tasks.state.value = 'cancelled'
  await flushPromises()
  expect(list.mock.calls.slice(1).map(([query]) => query?.cursor)).toEqual([undefined, 'a', 'b'])
  expect(tasks.ids.value).toEqual(['s1'])
  page.unmount()
})

test('a deleted batch leaves the list, and comes back to its place', async () => {
  const at = (hour: number) => ({ owner: mine, created_at: `2026-11-24T0${hour}:00:00.000Z` })
  const three = [aBatch('r3', 1, at(3)), aBatch('r2', 1, at(2)), aBatch('r1', 1, at(1))]
  list.mockResolvedValueOnce({ items: three, next_cursor: null, total: 3 })
  const { tasks, page } = await opened()
  useLive().forget('r2')
  expect(tasks.ids.value).toEqual(['r3', 'r1'])
  await heard(aBatch('r2', 2, at(2)))
  expect(tasks.ids.value).toEqual(['r3', 'r2', 'r1'])
  await heard(aBatch('r0', 1, { owner: mine, created_at: '2026-11-23T00:00:00.000Z' }))
  expect(tasks.ids.value).toEqual(['r3', 'r2', 'r1', 'r0'])
  page.unmount()
})
