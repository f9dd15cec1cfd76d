/** Signing in with the company's own login: a real OpenID provider on loopback, which is a kept test server. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { launch, openPage, part, shot, ended } from './lib.mjs'
import { freePort, startStack } from './stack.mjs'
import { surprises } from './team.mjs'

const ROOT = path.resolve(import.meta.dirname, '../..')
let browser
let provider
let stack

/** Until it answers; it says so only on a terminal. */
async function answers(url) {
  for (;;) {
    if (provider.exitCode !== null) throw new Error(`the provider ended with ${provider.exitCode}`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((go) => setTimeout(go, 100))
  }
}

before(async () => {
  browser = await launch()
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const ann = { sub: 's-1', name: 'Ann Lee', preferred_username: 'ann', groups: ['staff'] }
  const options = ['--port', port, '--require-nonce', 'true', '--user-claims', JSON.stringify(ann)]
  provider = spawn(path.join(ROOT, '.venv/bin/oidc-provider-mock'), options, { stdio: 'ignore' })
  await answers(`${issuer}/.well-known/openid-configuration`)
  stack = await startStack({
    AUTH_MODE: 'oidc',
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: 'batchgen',
    OIDC_CLIENT_SECRET: 'a secret of twenty letters',
    OIDC_NAME: 'Firm',
    OIDC_ADMIN_GROUP: 'image-admins',
    DEFAULT_PROVIDER: 'demo',
    DEMO_LATENCY_SECONDS: '0.3',
  })
})
after(async () => {
  await browser?.close()
  await stack?.stop()
  if (provider?.exitCode === null) {
    provider.kill()
    await once(provider, 'exit')
  }
})

async function open(at) {
  const opened = await openPage(browser, { language: 'en', address: stack.address, at })
  const local = ({ hostname }) => hostname === '127.0.0.1' || hostname === 'localhost'
  await opened.context.route(
    (url) => !local(url), // the provider's page wants its looks from elsewhere
    (route) => route.fulfill({ contentType: 'text/css', body: '' }),
  )
  return opened
}

async function authorise(page) {
  await page.getByLabel('Subject').fill('s-1')
  await page.getByRole('button', { name: 'Authorize' }).last().click()
}

describe('the company login', { timeout: 180_000 }, () => {
  test('leads to the page that was wanted, and says so where it was refused', async () => {
    const { page, context } = await open('/tasks')
    await part(page, 'login-company').getByText('Sign in with Firm').waitFor()
    assert.equal(await part(page, 'field-password').count(), 0)
    await shot(page, 'login-company')
    await part(page, 'login-company').click()
    await page.getByRole('button', { name: 'Deny access' }).click()
    await page.getByText('The sign-in was refused there.').waitFor()

    await page.goto(`${stack.address}/tasks`)
    await part(page, 'login-company').click()
    await authorise(page)
    await page.waitForURL(`${stack.address}/tasks`)
    await part(page, 'account').getByText('Ann Lee').waitFor()
    await page.goto(`${stack.address}/profile`)
    await part(page, 'profile-form').waitFor()
    assert.equal(await part(page, 'password-form').count(), 0)
    await context.close()
  })

  test('opens beside the page whose session ended, which goes on with what was typed', async () => {
    const { page, context, problems } = await open('/')
    await part(page, 'login-company').click()
    await authorise(page)
    await part(page, 'prompt').fill('a yellow boat')
    await context.clearCookies()
    await part(page, 'start').dispatchEvent('click') // the quote may have opened the login over it already
    const dialog = page.getByRole('dialog', { name: 'Please sign in again' })
    const [window] = await Promise.all([
      context.waitForEvent('page'),
      dialog.getByRole('button', { name: 'Sign in with Firm' }).click(),
    ])
    await authorise(window)
    await part(window, 'account').waitFor()
    await dialog.waitFor({ state: 'detached' })
    assert.equal(await part(page, 'prompt').inputValue(), 'a yellow boat')
    await part(page, 'start').click()
    await ended(page).waitFor({ state: 'attached', timeout: 60_000 })
    assert.deepEqual(surprises(problems), [])
    await context.close()
  })
})
