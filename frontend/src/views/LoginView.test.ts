import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { createMemoryHistory, createRouter } from 'vue-router'
import { beforeEach, expect, test, vi } from 'vitest'
import * as api from '@/api/accounts'
import { ApiProblem } from '@/api/client'
import { i18n } from '@/locales'
import { useSession } from '@/stores/session'
import { aMe, PASSWORDS } from '@/testing/people'
import LoginView from './LoginView.vue'

vi.mock('@/api/accounts', async (original) => ({ ...(await original<typeof api>()), login: vi.fn() }))
const login = vi.mocked(api.login)
const blank = { render: () => null }

async function page(at: string, options: api.AuthOptions = PASSWORDS) {
  const pinia = createPinia()
  setActivePinia(pinia)
  const session = useSession()
  session.options = options
  session.me = null
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/login', component: LoginView },
      { path: '/:rest(.*)*', component: blank },
    ],
  })
  await router.push(at)
  const view = mount(LoginView, { global: { plugins: [pinia, router, i18n] } })
  return { view, router }
}

beforeEach(() => void login.mockReset())

test('a login leads to the page that was wanted, and the password is not kept', async () => {
  const { view, router } = await page('/login?next=/tasks')
  login.mockRejectedValueOnce(new ApiProblem(401, 'invalid_credentials', 'wrong')).mockResolvedValueOnce(aMe())
  await view.get('[data-test=field-username]').setValue(' li ')
  await view.get('[data-test=field-password]').setValue(' x ')
  await view.get('form').trigger('submit')
  await flushPromises()
  expect(view.get('[role=alert]').text()).toBe('wrong')
  expect(view.get<HTMLInputElement>('[data-test=field-password]').element.value).toBe('')
  expect(view.get<HTMLInputElement>('[data-test=field-username]').element.value).toBe(' li ')

  await view.get('[data-test=field-password]').setValue(' x ')
  await view.get('form').trigger('submit')
  await flushPromises()
  expect(login).toHaveBeenLastCalledWith({ username: 'li', password: ' x ' }) // a password is taken as it is
  expect(router.currentRoute.value.fullPath).toBe('/tasks')
})

test('the company login gets only a path of ours to come back to, and its failures are told', async () => {
  const oidc: api.AuthOptions = { mode: 'oidc', oidc_name: 'Acme', mail: false }
  const { view } = await page('/login?next=https://evil.example&error=account_disabled', oidc)
  const link = view.get('[data-test=login-company]')
  expect(link.attributes('href')).toBe('/api/auth/oidc/start?next=%2F')
  expect(link.text()).toContain('Acme')
  expect(view.get('[role=alert]').text()).toBe(i18n.global.t('login.failed.account_disabled'))
  expect(view.find('form').exists()).toBe(false)
})

test('whatever else stands in the address is not shown', async () => {
  const { view } = await page('/login?error=<b>bad</b>', { mode: 'oidc', oidc_name: null, mail: false })
  expect(view.get('[role=alert]').text()).toBe(i18n.global.t('login.failed.oidc_failed'))
})
