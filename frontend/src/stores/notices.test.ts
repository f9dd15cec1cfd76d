import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import * as client from '@/api/client'
import { ApiProblem, type NoticeTarget, type Notices } from '@/api/client'
import { useNotices } from './notices'

vi.mock('@/api/client', async (original) => ({
  ...(await original<typeof client>()),
  getNotices: vi.fn(),
  putNotices: vi.fn(),
}))
const get = vi.mocked(client.getNotices)
const put = vi.mocked(client.putNotices)

const target = (id: string, secret: string | null = null): NoticeTarget => ({
  id, kind: 'webhook', label: '', address: 'https://x/…', language: 'en', signed: true, secret,
}) // prettier-ignore
const kept = (targets: NoticeTarget[], usual = false): Notices => ({ targets, default: usual, kinds: ['webhook'] })
const bare = (id: string) => ({ id, kind: 'webhook', label: '', language: 'en' })
const NEW = { kind: 'webhook', address: 'https://y/' } as const

beforeEach(() => {
  setActivePinia(createPinia())
  get.mockReset()
  put.mockReset()
})

test('the first target is told of all batches; a further one changes nothing about that', async () => {
  const notices = useNotices()
  get.mockResolvedValueOnce(kept([])).mockResolvedValueOnce(kept([target('n1')], false))
  put.mockResolvedValue(kept([]))
  await notices.add(NEW)
  await notices.add(NEW)
  expect(put.mock.calls.map(([body]) => body)).toEqual([
    { targets: [NEW], default: true },
    { targets: [bare('n1'), NEW], default: false },
  ])
})

test('what another tab has added meanwhile stays', async () => {
  const notices = useNotices()
  notices.kept = kept([target('n1')])
  get.mockResolvedValue(kept([target('n1'), target('n2')], true))
  put.mockResolvedValue(kept([target('n2')], true))
  await notices.remove('n1')
  expect(put).toHaveBeenCalledWith({ targets: [bare('n2')], default: true })
})

test('a secret can be read until the page is left, whatever else is changed', async () => {
  const notices = useNotices()
  get.mockResolvedValue(kept([]))
  put.mockResolvedValueOnce(kept([target('n1', 'whsec_1')])).mockResolvedValueOnce(kept([target('n1')]))
  await notices.add(NEW)
  await notices.setDefault(false)
  expect(notices.fresh).toEqual({ n1: 'whsec_1' })
  notices.forgetSecrets()
  expect(notices.fresh).toEqual({})
})

test('a refused change is told and changes nothing', async () => {
  const notices = useNotices()
  notices.kept = kept([target('n1')])
  get.mockResolvedValue(kept([target('n1')]))
  put.mockRejectedValue(new ApiProblem(503, 'state_unavailable', 'recovering'))
  await notices.remove('n1')
  expect([notices.problem, notices.targets.length]).toEqual(['recovering', 1])
  await expect(notices.add(NEW)).rejects.toThrow('recovering')
})
