import { flushPromises, mount } from '@vue/test-utils'
import { defineComponent } from 'vue'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as client from '@/api/client'
import { ApiProblem } from '@/api/client'
import { aQueue } from '@/testing/fakes'
import { useStatus } from './useStatus'

vi.mock('@/api/client', async (original) => ({
  ...(await original<typeof client>()),
  getHealth: vi.fn(),
  getQueue: vi.fn(),
  listProviderStates: vi.fn(),
}))
const health = vi.mocked(client.getHealth)
const states = vi.mocked(client.listProviderStates)
const queue = vi.mocked(client.getQueue)
const WELL = { status: 'ok', version: '1.0.0', checks: { redis: 'ok' } } as const
const GEMINI = { id: 'gemini', keys: [], holds: [] }

beforeEach(() => {
  vi.useFakeTimers()
  health.mockReset().mockResolvedValue(WELL)
  states.mockReset().mockResolvedValue([GEMINI])
  queue.mockReset().mockResolvedValue(aQueue())
})
afterEach(() => void vi.useRealTimers())

function seen(visibility: DocumentVisibilityState) {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibility)
  document.dispatchEvent(new Event('visibilitychange'))
}
async function opened() {
  let status!: ReturnType<typeof useStatus>
  const host = defineComponent({
    setup() {
      status = useStatus()
      return () => null
    },
  })
  const page = mount(host)
  await flushPromises()
  return { status, page }
}

test('it is read again every five seconds, and only while somebody looks', async () => {
  const { page } = await opened()
  expect(health).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(health).toHaveBeenCalledTimes(3)

  seen('hidden')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(health).toHaveBeenCalledTimes(3)

  seen('visible')
  await flushPromises()
  expect(health).toHaveBeenCalledTimes(4)
  page.unmount()
})

test('what was known stays in sight when the server is gone, and the problem goes when it is back', async () => {
  const { status, page } = await opened()
  health.mockRejectedValueOnce(new ApiProblem(0, 'offline', 'no network'))
  states.mockRejectedValueOnce(new ApiProblem(503, 'state_unavailable', 'no state'))
  await vi.advanceTimersByTimeAsync(5000)
  expect([status.problem.value, status.providersProblem.value]).toEqual(['no network', 'no state'])
  expect([status.health.value, status.providers.value]).toEqual([WELL, [GEMINI]])

  await vi.advanceTimersByTimeAsync(5000)
  expect([status.problem.value, status.providersProblem.value]).toEqual(['', ''])
  page.unmount()
})

test('who may not see the keys and the queue is shown none, and no error', async () => {
  states.mockRejectedValue(new ApiProblem(403, 'forbidden', 'not allowed'))
  queue.mockRejectedValue(new ApiProblem(403, 'forbidden', 'not allowed'))
  const { status, page } = await opened()
  expect([status.providers.value, status.providersProblem.value]).toEqual([undefined, ''])
  expect([status.queue.value, status.queueProblem.value]).toEqual([undefined, ''])
  expect(status.health.value).toEqual(WELL)
  page.unmount()
})
