import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { i18n } from '@/locales'
import RetryCountdown from './RetryCountdown.vue'

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 25, 18, 0, 0) }))
afterEach(() => void vi.useRealTimers())
function said(seconds: number) {
  const at = new Date(Date.now() + seconds * 1000).toISOString()
  const countdown = mount(RetryCountdown, { props: { at }, global: { plugins: [i18n] } })
  const words = countdown.text()
  countdown.unmount()
  return words
}

test('a retry is counted down, and told by the clock where it is hours away', () => {
  expect(said(25)).toBe('25秒后重试')
  expect(said(0)).toBe('即将重试')
  expect(said(2 * 3600)).toBe('20:00 重试')
  expect(said(14 * 3600)).toBe('08:00 重试')
})
