import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { expect, test, vi } from 'vitest'
import * as client from '@/api/client'
import { i18n } from '@/locales'
import { aModel, aProvider } from '@/testing/fakes'
import StatusView from './StatusView.vue'

vi.mock('@/api/client', async (original) => ({
  ...(await original<typeof client>()),
  getHealth: vi.fn(),
  getLimits: vi.fn(),
  listProviders: vi.fn(),
  listProviderStates: vi.fn(),
}))
const DEMO = { id: 'demo', keys: [], holds: [] }
const until = () => new Date(Date.now() + 300_000).toISOString()

async function page(word: string, states: client.ProviderState[]) {
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
