import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import * as client from '@/api/client'
import { ApiProblem, type Batch, type Pilot } from '@/api/client'
import { i18n, setLanguage } from '@/locales'
import { aBatch, later } from '@/testing/fakes'
import PilotBar from './PilotBar.vue'

vi.mock('@/api/client', async (original) => ({
  ...(await original<typeof client>()),
  approvePilot: vi.fn(),
  cancelBatch: vi.fn(),
}))
const approve = vi.mocked(client.approvePilot)
const counts = { total: 60, queued: 57, waiting: 0, running: 0, succeeded: 3, failed: 0, cancelled: 0 }
const cost = {
  quoted_high_micros: 0,
  quoted_micros: 0,
  held_micros: 0,
  settled_micros: 120_000,
  possibly_paid_micros: 0,
}
const pilot: Pilot = {
  state: 'review', indexes: [0, 1, 2], round: 2, held_back: 57, sample_micros: 120_000, rest_micros: 2_280_000,
} // prettier-ignore

function bar(more: Partial<Batch> = {}) {
  const batch = aBatch('b1', 1, { state: 'review', counts, cost, pilot, ...more })
  const routes = ['/duels/:id', '/'].map((path) => ({ path, name: path === '/' ? 'home' : 'duel', component: {} }))
  const plugins = [createPinia(), i18n, createRouter({ history: createMemoryHistory(), routes })]
  return mount(PilotBar, { props: { batch }, global: { plugins } })
}
const button = (wrapper: ReturnType<typeof bar>, name: string) => wrapper.find(`[data-test="pilot-${name}"]`)

beforeEach(async () => {
  approve.mockReset()
  await setLanguage('en')
})

test('in review it says what was made and what the rest costs, and approves the round that is seen, once', async () => {
  const answer = later<Batch>()
  approve.mockReturnValue(answer.promise)
  const wrapper = bar()
  expect(wrapper.text()).toContain('3 of 60 made, $0.12. 57 more wait for your word.')
  expect(button(wrapper, 'approve').text()).toBe('Approve 57 more for about $2.28')

  await button(wrapper, 'approve').trigger('click')
  await button(wrapper, 'approve').trigger('click')

  expect(approve.mock.calls).toEqual([['b1', 2]])
  expect(button(wrapper, 'stop').attributes('disabled')).toBeDefined()
  answer.resolve(aBatch('b1', 2))
  await flushPromises()
})

test('what is refused is told where the button is, and it can be pressed again', async () => {
  approve.mockRejectedValue(new ApiProblem(402, 'budget_exceeded', 'Over the budget.'))
  const wrapper = bar()
  await button(wrapper, 'approve').trigger('click')
  await flushPromises()

  expect(wrapper.find('[role="alert"]').text()).toBe('Over the budget.')
  expect(button(wrapper, 'approve').attributes('disabled')).toBeUndefined()
})

test('while the sample is made there is nothing to press', () => {
  const making = { ...counts, queued: 58, running: 1, succeeded: 1 }
  const wrapper = bar({ counts: making, pilot: { ...pilot, state: 'running' } })
  expect(wrapper.text()).toContain('Making the sample: 1 of 3.')
  expect(wrapper.findAll('button')).toEqual([])
})

test('a batch of a duel leads to where all are side by side instead', () => {
  const wrapper = bar({ duel_id: 'd1' })
  expect(button(wrapper, 'approve').exists()).toBe(false)
  expect(wrapper.find('[data-test="to-duel"]').attributes('href')).toBe('/duels/d1')
})

test('an approved pilot is a batch like any other', () => {
  expect(
    bar({ pilot: { ...pilot, state: 'approved', held_back: 0 } })
      .find('section')
      .exists(),
  ).toBe(false)
})
