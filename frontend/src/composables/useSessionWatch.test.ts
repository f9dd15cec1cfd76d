import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { defineComponent } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as api from '@/api/accounts'
import { http } from '@/api/client'
import { useSession, WHO_KEY } from '@/stores/session'
import { aMe, PASSWORDS } from '@/testing/people'
import * as events from './useEvents'
import { useSessionWatch } from './useSessionWatch'

vi.mock('@/api/accounts', async (original) => ({
  ...(await original<typeof api>()),
  getAuthOptions: vi.fn(),
  getMe: vi.fn(),
}))
const getMe = vi.mocked(api.getMe)
const closed = new Set<() => void>()
const stream = { start: vi.fn(), stop: vi.fn() }
const usual = http.defaults.adapter
const blank = { render: () => null }
const host = defineComponent({ setup: () => (useSessionWatch(), () => null) })

/** Every request is answered as to somebody who is not signed in. */
function refuseAll() {
  http.defaults.adapter = (config) =>
    Promise.reject(
      Object.assign(new Error('401'), {
        isAxiosError: true,
        config,
        response: { status: 401, headers: {}, data: { error: { code: 'unauthenticated', message: 'm', details: [] } } },
      }),
    )
}

async function opened(path: string, me: api.Me | null | undefined) {
  setActivePinia(createPinia())
  vi.mocked(api.getAuthOptions).mockResolvedValue(PASSWORDS)
  if (me === undefined) getMe.mockRejectedValueOnce(new Error('the server is away'))
  else getMe.mockResolvedValueOnce(me)
  await useSession().ready()
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/tasks', component: blank },
      { path: '/login', name: 'login', component: blank, meta: { open: true } },
      { path: '/shared', component: blank, meta: { open: true } },
    ],
  })
  await router.push(path)
  const page = mount(host, { global: { plugins: [router] } })
  return { page, router, session: useSession() }
}

beforeEach(() => {
  closed.clear()
  getMe.mockReset()
  stream.start.mockClear()
  stream.stop.mockClear()
  vi.spyOn(events, 'useEvents').mockReturnValue({
    ...stream,
    on: (kind: string, handler: () => void) => {
      if (kind === 'closed') closed.add(handler)
      return () => void closed.delete(handler)
    },
  } as unknown as events.Events)
})
afterEach(() => {
  http.defaults.adapter = usual
})

test('a refused request opens the login over the page and rests the stream until somebody is back', async () => {
  const { page, router, session } = await opened('/tasks', aMe())
  expect(stream.start).toHaveBeenCalledOnce()
  refuseAll()
  await expect(http.get('/batches')).rejects.toMatchObject({ code: 'unauthenticated' })
  await flushPromises()
  expect([session.ended, router.currentRoute.value.path]).toEqual([true, '/tasks'])
  expect(stream.stop).toHaveBeenCalledOnce()

  session.entered(aMe())
  await flushPromises()
  expect(stream.start).toHaveBeenCalledTimes(2)
  page.unmount()
})

test('a closed stream asks whether somebody is still signed in', async () => {
  const { page, session } = await opened('/tasks', aMe())
  getMe.mockResolvedValueOnce(null)
  closed.forEach((tell) => tell())
  await flushPromises()
  expect(session.ended).toBe(true)
  page.unmount()
  expect(closed.size).toBe(0)
})

test('whoever was never signed in is led to the login and back, but not from a page for strangers', async () => {
  refuseAll()
  const { page, router } = await opened('/tasks', null)
  await http.get('/batches').catch(() => undefined)
  await flushPromises()
  expect(router.currentRoute.value.fullPath).toBe('/login?next=/tasks')
  page.unmount()

  const stranger = await opened('/shared', null)
  await http.get('/shared/batches/b1').catch(() => undefined)
  await flushPromises()
  expect(stranger.router.currentRoute.value.path).toBe('/shared')
  stranger.page.unmount()
})

test('another tab that signs out is heard of, and one that signs in again', async () => {
  const { page, session } = await opened('/tasks', aMe())
  getMe.mockResolvedValueOnce(null)
  const heard = () => window.dispatchEvent(Object.assign(new Event('storage'), { key: WHO_KEY }))
  heard()
  await flushPromises()
  expect([session.ended, localStorage.getItem(WHO_KEY)]).toEqual([true, ''])

  getMe.mockResolvedValueOnce(aMe())
  heard()
  await flushPromises()
  expect(session.ended).toBe(false)
  page.unmount()
})

test('a page that opened while the server was away asks again, and goes on where it is', async () => {
  const { page, session, router } = await opened('/tasks', undefined)
  expect([session.me, stream.start.mock.calls.length]).toEqual([undefined, 0])
  getMe.mockRejectedValueOnce(new Error('still away')).mockResolvedValueOnce(aMe())
  vi.useFakeTimers()
  page.unmount()
  const again = mount(host, { global: { plugins: [router] } })
  await vi.advanceTimersByTimeAsync(10_000)
  vi.useRealTimers()
  expect([session.me?.id, stream.start.mock.calls.length]).toEqual(['u1', 1])
  expect(getMe).toHaveBeenCalledTimes(3)
  again.unmount()
})
