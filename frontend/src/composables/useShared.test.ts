import { beforeEach, expect, test, vi } from 'vitest'
import * as api from '@/api/accounts'
import { ApiProblem } from '@/api/client'
import { aBatch } from '@/testing/fakes'
import { useShared } from './useShared'

vi.mock('@/api/accounts', async (original) => ({
  ...(await original<typeof api>()),
  openShared: vi.fn(),
  getShared: vi.fn(),
  listShared: vi.fn(),
}))
const { counts, created_at } = aBatch('b1')
const BATCH = { id: 'b1', name: 'Shoes', counts, created_at, expires_at: '2026-12-25T12:00:00Z' }

beforeEach(() => {
  vi.mocked(api.openShared).mockReset()
  vi.mocked(api.getShared).mockReset()
  vi.mocked(api.listShared).mockReset().mockResolvedValue({ items: [], next_cursor: null })
})

test('a link opens its batch, and from then on the batch opens by its id', async () => {
  vi.mocked(api.openShared).mockResolvedValue({ batch: BATCH })
  vi.mocked(api.getShared).mockResolvedValue(BATCH)
  const first = useShared()
  await first.open('token')
  expect([first.batch.value?.name, first.gone.value]).toEqual(['Shoes', false])
  expect(api.listShared).toHaveBeenCalledWith('b1', expect.anything())

  const later = useShared()
  await later.reopen('b1')
  expect(later.batch.value?.name).toBe('Shoes')
})

test('a link that is over says so; a server that is away does not call it over', async () => {
  const shared = useShared()
  vi.mocked(api.openShared).mockRejectedValueOnce(new ApiProblem(404, 'link_invalid', 'not valid'))
  await shared.open('token')
  expect([shared.gone.value, shared.problem.value]).toEqual([true, ''])

  vi.mocked(api.openShared).mockRejectedValueOnce(new ApiProblem(0, 'offline', 'no network'))
  await shared.open('token')
  expect([shared.gone.value, shared.problem.value]).toEqual([false, 'no network'])
})
