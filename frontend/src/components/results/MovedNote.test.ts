import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test } from 'vitest'
import type { Item } from '@/api/client'
import { i18n } from '@/locales'
import { useCatalogue } from '@/stores/catalogue'
import { anItem, aProvider } from '@/testing/fakes'
import MovedNote from './MovedNote.vue'

const pinia = createPinia()
const moved = { provider: 'gemini', model: 'm', category: 'rate_limited' } as const

beforeEach(() => {
  setActivePinia(pinia)
  useCatalogue().providers = [aProvider({ id: 'gemini', name: 'Gemini' }), aProvider({ id: 'doubao', name: '豆包' })]
})
function note(more: Partial<Item>, mark = false) {
  const item = anItem('b1-0', 1, { provider: 'doubao', moved_from: moved, ...more })
  return mount(MovedNote, { props: { item, mark }, global: { plugins: [pinia, i18n] } })
}

test('a picture that went on elsewhere says who made it and why', () => {
  expect(note({ state: 'succeeded' }).text()).toBe('由 豆包 生成，因为 Gemini：平台限速')
  expect(note({ state: 'running' }).text()).toBe('已转给 豆包，因为 Gemini：平台限速')
})

test('the mark says the same to who points at it and to who hears it', () => {
  const { title, 'aria-label': label } = note({ state: 'succeeded' }, true).get('[role=img]').attributes()
  expect([title, label]).toEqual(Array(2).fill('由 豆包 生成，因为 Gemini：平台限速'))
})

test('one that a person sent back to where it came from says nothing', () => {
  expect(note({ provider: 'gemini' }).text()).toBe('')
})
