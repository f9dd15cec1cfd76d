import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import * as api from '@/api/accounts'
import { ApiProblem } from '@/api/client'
import { aMe, PASSWORDS } from '@/testing/people'
import { useSession, WHO_KEY } from './session'

vi.mock('@/api/accounts', async (original) => ({
  ...(await original<typeof api>()),
  getAuthOptions: vi.fn(),
  getMe: vi.fn(),
  login: vi.fn(),
  logout: vi.fn(),
}))
const getMe = vi.mocked(api.getMe)
const options = vi.mocked(api.getAuthOptions)
const LOGIN = { username: 'li', password: 'x' }
let assign: ReturnType<typeof vi.spyOn>

beforeEach(() => {
  setActivePinia(createPinia())
  localStorage.clear()
  getMe.mockReset()
  vi.mocked(api.logout).mockReset().mockResolvedValue(undefined)
  options.mockReset().mockResolvedValue(PASSWORDS)
  assign = vi.spyOn(window.location, 'assign').mockImplementation(() => undefined)
})

async function signedIn(who = aMe()) {
  getMe.mockResolvedValueOnce(who)
  const session = useSession()
  await session.ready()
  return session
}

test('it is asked once, however many want to know', async () => {
  getMe.mockResolvedValue(aMe())
  const session = useSession()
  await Promise.all([session.ready(), session.ready()])
  await session.ready()
  expect(getMe).toHaveBeenCalledOnce()
  expect([session.signedIn, session.accounts, session.admin]).toEqual([true, true, false])
})

test('a server that is away is asked again by the next who wants to know', async () => {
  getMe.mockRejectedValueOnce(new ApiProblem(0, 'offline', 'no network')).mockResolvedValueOnce(null)
  const session = useSession()
  await session.ready()
  expect(session.me).toBeUndefined()
  await session.ready()
  expect([session.me, session.signedIn]).toEqual([null, false])
})

test('a session that ended leaves the page as it is, and the same person goes on', async () => {
  const session = await signedIn()
  getMe.mockResolvedValueOnce(null)
  await session.check()
  expect([session.ended, session.signedIn, session.me?.id]).toEqual([true, false, 'u1'])

  vi.mocked(api.login).mockResolvedValueOnce(aMe())
  await session.signIn(LOGIN)
  expect([session.ended, session.signedIn]).toEqual([false, true])
  expect(assign).not.toHaveBeenCalled()
})

test('another person gets a page of their own: nothing of the one before stays', async () => {
  const session = await signedIn()
  session.ended = true
  vi.mocked(api.login).mockResolvedValueOnce(aMe({ id: 'u2' }))
  await session.signIn(LOGIN)
  expect(assign).toHaveBeenCalledExactlyOnceWith('/')
})

test('a page hears that in another tab somebody else has signed in', async () => {
  const session = await signedIn()
  getMe.mockResolvedValueOnce(aMe({ id: 'u2' }))
  await session.check()
  expect(assign).toHaveBeenCalledExactlyOnceWith('/')
})

test('while the server is away nobody is signed out', async () => {
  const session = await signedIn()
  getMe.mockRejectedValueOnce(new ApiProblem(0, 'offline', 'no network'))
  await session.check()
  expect(session.ended).toBe(false)
})

test('signing out tells the other tabs and leaves nothing in memory', async () => {
  const session = await signedIn()
  expect(localStorage.getItem(WHO_KEY)).toBe('u1')
  await session.signOut()
  expect(localStorage.getItem(WHO_KEY)).toBe('')
  expect(assign).toHaveBeenCalledExactlyOnceWith('/login')
})

test('whose session was over already is signed out all the same', async () => {
  const session = await signedIn()
  vi.mocked(api.logout).mockRejectedValueOnce(new ApiProblem(401, 'unauthenticated', 'sign in first'))
  await session.signOut()
  expect(assign).toHaveBeenCalledExactlyOnceWith('/login')
})

test('a refused sign-out stays on the page', async () => {
  const session = await signedIn()
  vi.mocked(api.logout).mockRejectedValueOnce(new ApiProblem(503, 'state_unavailable', 'recovering'))
  await expect(session.signOut()).rejects.toThrow('recovering')
  expect(assign).not.toHaveBeenCalled()
})
