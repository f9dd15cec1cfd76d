import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { expect, test, vi } from 'vitest'
import * as client from '@/api/client'
import { i18n } from '@/locales'
import { aModel, aProvider, aQueue } from '@/testing/fakes'
import StatusView from './StatusView.vue'

vi.mock('@/api/client', async (original) => ({
  ...(await original<typeof client>()),
  getHealth: vi.fn(),
  getLimits: vi.fn(),
  getQueue: vi.fn(),
  listProviders: vi.fn(),
  listProviderStates: vi.fn(),
}))
const DEMO = { id: 'demo', keys: [], holds: [] }
const until = () => new Date(Date.now() + 300_000).toISOString()

async function page(word: string, states: client.ProviderState[], queue = aQueue()) {
  vi.mocked(client.getQueue).mockResolvedValue(queue)
  const checks = { redis: 'ok', storage: 'ok', workers: 'ok', providers: word }
  vi.mocked(client.getHealth).mockResolvedValue({ status: 'ok', version: '1.2.3', checks })
  vi.mocked(client.listProviderStates).mockResolvedValue(states)
  const models = [aModel({ id: 'nano', name: 'Nano Banana' })]
  vi.mocked(client.listProviders).mockResolvedValue([aProvider(), aProvider({ id: 'gemini', name: 'Gemini', models })])
  const view = mount(StatusView, { global: { plugins: [createPinia(), i18n] } })
  await flushPromises()
  return view
}

test('where there is only the demo it says how a key is added', async () => {
  const view = await page('demo', [DEMO])
  expect(view.get('[data-test=only-demo]').text()).toContain('只有 demo')
  expect(view.get('[data-test=add-key]').text()).toContain('GEMINI_API_KEY=你的密钥')
  expect(view.find('[data-test=status-keys]').exists()).toBe(false)
  expect(view.text()).toContain('一切正常')
  expect(view.text()).toContain('版本 1.2.3')
  view.unmount()
})

test('keys and models stand under their provider by name, as a table that can be heard', async () => {
  const hold = { category: 'upstream_error', until: until() } as const
  const keys = [
    { tail: '0001', rest: { category: 'auth', until: until() } as const },
    { tail: '0002', rest: null },
  ]
  const view = await page('ok', [DEMO, { id: 'gemini', keys, holds: [{ model: 'nano', hold }] }])
  const table = view.get('[data-provider=gemini] table')
  expect(table.attributes('aria-label')).toBe('Gemini')
  expect(table.findAll('th[scope=col]').map((head) => head.text())).toEqual(['密钥或模型', '状态'])
  expect(table.findAll('th[scope=row]').map((head) => head.text())).toEqual([
    '密钥 1：…0001',
    '密钥 2：…0002',
    'Nano Banana',
  ])
  expect(view.get('[data-test=status-all]').text()).toBe('运行正常，有需要留意之处')
  expect(view.find('[data-test=only-demo]').exists()).toBe(false)
  view.unmount()
})

test('the queue tells who waits for what, whose work is open, and which worker has gone silent', async () => {
  const people = Array.from({ length: 8 }, (_, n) => ({ id: `u${n}`, name: `U${n}`, queued: n + 1 }))
  const since = new Date(Date.now() - 125_000).toISOString()
  const lane = { provider: 'gemini', model: 'nano', economy: true, queued: 36, running: 4, since, people }
  const worker = { name: 'host.1', slots: 32, seen_at: new Date().toISOString(), live: true }
  const view = await page(
    'ok',
    [DEMO],
    aQueue({
      lanes: [lane],
      people: [
        { id: 'ann', name: 'Ann', items: 3, batches: 1 },
        { id: 'bob', name: 'Bob', items: 9, batches: 2 },
      ],
      workers: [worker, { ...worker, name: 'host.2', live: false }],
      running: 4,
      slots: 32,
      waiting: 2,
    }),
  )
  const texts = (within: string) => view.findAll(`${within} [data-test=plain-row]`).map((row) => row.text())
  const [row] = texts('[data-test=queue-lanes]')
  expect(row).toContain('Gemini · Nano Banana')
  expect(row).toContain('经济通道 · U0 1、U1 2、U2 3、U3 4、U4 5、U5 6 等，另有 2 人')
  expect(row).toMatch(/36.*4.*2分钟/)
  expect(texts('[data-test=queue-people]')).toEqual(['Bob92', 'Ann31'])
  expect(texts('[data-test=status-workers]')[1]).toContain('没有响应')
  expect(view.get('[data-test=status-queue]').text()).toContain('32 个位置中 4 个在用 · 2 张等待下次尝试')
  view.unmount()
})

test('where nobody waits it says so', async () => {
  const view = await page('ok', [DEMO])
  expect(view.get('[data-test=queue-empty]').text()).toBe('没有人在排队。')
  expect(view.find('[data-test=status-workers]').exists()).toBe(false)
  view.unmount()
})
