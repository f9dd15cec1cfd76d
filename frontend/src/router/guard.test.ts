import { expect, test, vi } from 'vitest'
import type { RouteMeta } from 'vue-router'
import type { Me } from '@/api/accounts'
import { aMe } from '@/testing/people'
import { guard } from './guard'

function going(path: string, meta: RouteMeta = {}, name = 'somewhere', query = {}) {
  return { name, meta, path, fullPath: path, query, hash: '' }
}
function sessionOf(me: Me | null | undefined, accounts = true) {
  return { ready: vi.fn(() => Promise.resolve()), me, admin: me?.role === 'admin', accounts }
}
const ADMIN = { admin: true, accounts: true }

test('nobody is led to the login, and from there to where they wanted to go', async () => {
  expect(await guard(going('/batches/b1'), sessionOf(null))).toEqual({ name: 'login', query: { next: '/batches/b1' } })
  expect(await guard(going('/'), sessionOf(null))).toEqual({ name: 'login', query: {} })
  const login = going('/login', { open: true }, 'login', { next: '/batches/b1' })
  expect(await guard(login, sessionOf(null))).toBe(true)
  expect(await guard(login, sessionOf(aMe()))).toBe('/batches/b1')
})

test('an address from elsewhere is not where a login leads', async () => {
  const login = going('/login', { open: true }, 'login', { next: '//evil.example' })
  expect(await guard(login, sessionOf(aMe()))).toBe('/')
})

test('a page for strangers asks for nobody', async () => {
  const session = sessionOf(undefined)
  expect(await guard(going('/shared', { open: true }, 'shared'), session)).toBe(true)
  expect(session.ready).not.toHaveBeenCalled()
})

test('to a member there are no pages of admins', async () => {
  expect(await guard(going('/admin/people', ADMIN), sessionOf(aMe()))).toMatchObject({ name: 'missing' })
  expect(await guard(going('/admin/people', ADMIN), sessionOf(aMe({ role: 'admin' })))).toBe(true)
})

test('without accounts there is nothing to manage of them', async () => {
  const local = sessionOf(aMe({ role: 'admin', auth: 'none' }), false)
  expect(await guard(going('/tokens', { accounts: true }), local)).toMatchObject({ name: 'missing' })
  expect(await guard(going('/tasks'), local)).toBe(true)
})

test('while the server is away the page opens and says so itself', async () => {
  expect(await guard(going('/tasks'), sessionOf(undefined))).toBe(true)
})
