import { flushPromises, mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import { ApiProblem, type NoticeTargetDraft } from '@/api/client'
import { i18n } from '@/locales'
import TargetForm from './TargetForm.vue'

function form(add: (target: NoticeTargetDraft) => Promise<void>) {
  return mount(TargetForm, { props: { kinds: ['webhook', 'email', 'dingtalk'], add }, global: { plugins: [i18n] } })
}

test('what was written is added, and the form is empty for the next', async () => {
  const add = vi.fn(() => Promise.resolve())
  const view = form(add)
  await view.get('[data-test="notice-address"]').setValue('https://example.com/x')
  await view.get('form').trigger('submit')
  await flushPromises()
  expect(add).toHaveBeenCalledWith({ kind: 'webhook', address: 'https://example.com/x', label: '', language: 'zh-CN' })
  expect(view.get<HTMLInputElement>('[data-test="notice-address"]').element.value).toBe('')
})

test('a wrong field says so where it is, until it is changed', async () => {
  const detail = { field: 'targets[2].address', code: 'host_private', message: 'inside the network' }
  const view = form(() => Promise.reject(new ApiProblem(422, 'host_private', 'inside the network', [detail])))
  await view.get('[data-test="notice-address"]').setValue('https://10.0.0.1/')
  await view.get('form').trigger('submit')
  await flushPromises()
  const input = view.get('[data-test="notice-address"]')
  expect(view.get(`[id="${input.attributes('aria-describedby') ?? ''}"]`).text()).toBe('inside the network')
  expect(input.attributes('aria-invalid')).toBe('true')
  await input.setValue('https://example.com/')
  expect(view.text()).not.toContain('inside the network')
})

test('an address of one tool does not stay for another, and only some have a secret', async () => {
  const view = form(() => Promise.resolve())
  await view.get('[data-test="notice-address"]').setValue('https://example.com/x')
  await view.get('input[value="email"]').setValue(true)
  expect(view.get<HTMLInputElement>('[data-test="notice-address"]').element.value).toBe('')
  expect(view.find('[data-test="notice-secret"]').exists()).toBe(false)
})
