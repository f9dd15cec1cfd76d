/** A stack with accounts: an admin and members, made over the API as a script would; and how they sign in. */
import { startStack } from './stack.mjs'
import { openPage, part } from './lib.mjs'
import { noteCookies, noteSecret } from './secrets.mjs'

export const PASSWORD = 'seven red kettles sing'

/** `call`: the API as somebody who is signed in, with the browser's headers. */
export async function startTeam(settings = {}) {
  noteSecret(PASSWORD, 'a password')
  const stack = await startStack({
    AUTH_MODE: 'password',
    ADMIN_USERNAME: 'ada',
    ADMIN_PASSWORD: PASSWORD,
    DEFAULT_PROVIDER: 'demo',
    DEMO_LATENCY_SECONDS: '0.3',
    ...settings,
  })
  const { address } = stack

  async function signIn(username, password = PASSWORD) {
    const answer = await fetch(`${address}/api/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: address },
      body: JSON.stringify({ username, password }),
    })
    if (!answer.ok) throw new Error(`${username} could not sign in: ${answer.status}`)
    noteCookies(answer.headers.getSetCookie())
    const cookie = answer.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
    return async function call(method, path, body) {
      const headers = { Cookie: cookie, Origin: address, 'Content-Type': 'application/json' }
      const told = await fetch(address + path, { method, headers, body: body && JSON.stringify(body) })
      return told.status === 204 ? undefined : told.json()
    }
  }

  const admin = await signIn('ada')
  return {
    ...stack,
    signIn,
    admin,
    member: async (username, name) => {
      await admin('POST', '/api/users', { username, name, password: PASSWORD })
      return signIn(username)
    },
    /** A browser of somebody's own, signed in by the page. */
    async enter(browser, username, { at = '/', ...options } = {}) {
      const opened = await openPage(browser, { language: 'en', ...options, address, at })
      await logIn(opened.page, username)
      await part(opened.page, 'account').waitFor()
      return opened
    },
  }
}

export async function logIn(page, username, password = PASSWORD) {
  await part(page, 'field-username').fill(username)
  await part(page, 'field-password').fill(password)
  await part(page, 'login-submit').click()
}

/** What the browser complained about, refused requests apart: those are expected where somebody is not signed in. */
export const surprises = (problems) => problems.filter((one) => !/status of 4(01|03|04|09|22|29)/.test(one))

export async function menu(page, entry) {
  await part(page, 'account').click()
  await part(page, entry).click()
}
