import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import * as client from '@/api/client'
import type { NoticeTarget, Notices } from '@/api/client'
import { i18n } from '@/locales'
import NotifyChoice from './NotifyChoice.vue'

vi.mock('@/api/client', async (original) => ({ ...(await original<typeof client>()), getNotices: vi.fn() }))
const get = vi.mocked(client.getNotices)

const target = (id: string): NoticeTarget => ({
  id, kind: 'webhook', label: id, address: 'https://x/…', language: 'en', signed: true, secret: null,
}) // prettier-ignore
const kept = (more: Partial<Notices> = {}): Notices => ({
  targets: [target('n1'), target('n2')], default: true, kinds: ['webhook'], ...more,
}) // prettier-ignore

async function choice(notices: Notices, modelValue: string[] | null = null) {
  get.mockResolvedValue(notices)
  const view = mount(NotifyChoice, {
    props: { modelValue, 'onUpdate:modelValue': (ids) => void view.setProps({ modelValue: ids }) },
    global: { plugins: [createPinia(), i18n], stubs: { RouterLink: true } },
  })
  await flushPromises()
  const boxes = view.findAll<HTMLInputElement>('input')
  return {
    view,
    boxes,
    ticks: () => boxes.map(({ element }) => element.checked),
    model: () => view.props('modelValue'),
  }
}

beforeEach(() => void get.mockReset())

test('with a default all are ticked; without, none', async () => {
  expect((await choice(kept())).ticks()).toEqual([true, true])
  expect((await choice(kept({ default: false }))).ticks()).toEqual([false, false])
})

test('what is unticked is left out of this batch; ticked again it is the default as before', async () => {
  const { boxes, model } = await choice(kept())
  await boxes[0]!.setValue(false)
  expect(model()).toEqual(['n2'])
  await boxes[0]!.setValue(true)
  expect(model()).toBeNull()
})

test('nobody can be chosen, and that is no default', async () => {
  const { boxes, model } = await choice(kept())
  await boxes[0]!.setValue(false)
  await boxes[1]!.setValue(false)
  expect(model()).toEqual([])
})

test('a target that was removed meanwhile is dropped from the draft', async () => {
  expect((await choice(kept(), ['gone', 'n2'])).model()).toEqual(['n2'])
})

test('without targets there is the way to set one up', async () => {
  const { view, boxes } = await choice(kept({ targets: [] }))
  expect(boxes).toHaveLength(0)
  expect(view.find('.set-up').exists()).toBe(true)
})
