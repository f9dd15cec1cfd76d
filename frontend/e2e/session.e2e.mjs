/** The session's end keeps what was typed; whoever comes next in the same browser finds nothing of the one before. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { DESKTOP, PHONE, launch, openPage, part, shot, violations, ended } from './lib.mjs'
import { PASSWORD, logIn, menu, startTeam, surprises } from './team.mjs'

let browser
let team
before(async () => {
  browser = await launch()
  team = await startTeam()
  await team.member('lin', 'Lin')
  await team.member('mo', 'Mo')
})
after(async () => {
  await browser?.close()
  await team?.stop()
})

const signedOut = (page) => page.getByRole('dialog', { name: 'Please sign in again' })

async function signInAgain(page, password = PASSWORD) {
  await part(page, 'field-password').fill(password)
  await page.keyboard.press('Enter')
}

describe('the session', { timeout: 240_000 }, () => {
  test('ends in the middle: what was typed stays, the act is repeated, and changes arrive again', async () => {
    const { page, context, problems } = await team.enter(browser, 'lin')
    await part(page, 'prompt').fill('a green boat')
    await context.clearCookies()
    await part(page, 'start').dispatchEvent('click') // the quote may have opened the login over it already
    await signedOut(page).waitFor()
    await shot(page, 'session-ended')
    assert.deepEqual(await violations(page), [])
    assert.equal(await part(page, 'field-username').inputValue(), 'lin')
    await signInAgain(page, 'wrong')
    await signedOut(page).getByText('The username or the password is wrong.').waitFor()

    await page.keyboard.press('Escape')
    await part(page, 'session-login').click()
    await signInAgain(page)
    await signedOut(page).waitFor({ state: 'detached' })
    assert.equal(await part(page, 'prompt').inputValue(), 'a green boat')
    await part(page, 'start').click()
    await ended(page).waitFor({ state: 'attached', timeout: 60_000 })
    assert.deepEqual(surprises(problems), [])
    await context.close()
  })

  test('ends in one tab by signing out in the other', async () => {
    const { page, context } = await team.enter(browser, 'lin')
    const other = await context.newPage()
    await other.goto(`${team.address}/tasks`)
    await menu(other, 'sign-out')
    await part(other, 'login').waitFor()
    await signedOut(page).waitFor()
    await logIn(other, 'lin')
    await part(other, 'account').waitFor()
    await signedOut(page).waitFor({ state: 'detached' }) // and the other way round
    await context.close()
  })

  test('of one person is followed by that of another: nothing of the first is left', async () => {
    const { page, context } = await team.enter(browser, 'lin')
    await part(page, 'prompt').fill('a secret of Lin')
    await page.goto(`${team.address}/tasks`)
    await part(page, 'task-row').first().waitFor()
    await context.clearCookies()
    await page.evaluate(() => window.dispatchEvent(new StorageEvent('storage', { key: 'batchgen.who' })))
    await signedOut(page).waitFor()
    await part(page, 'field-username').fill('mo')
    await signInAgain(page)
    await page.waitForURL(`${team.address}/`)
    assert.equal(await part(page, 'prompt').inputValue(), '')
    await page.goto(`${team.address}/tasks`)
    await part(page, 'tasks-empty').waitFor()

    await menu(page, 'sign-out')
    await part(page, 'login').waitFor()
    await logIn(page, 'lin')
    await part(page, 'prompt').waitFor()
    assert.equal(await part(page, 'prompt').inputValue(), 'a secret of Lin')
    await context.close()
  })

  test('ends everywhere at once, and a changed password ends the others', async () => {
    const here = await team.enter(browser, 'mo', { at: '/profile' })
    const there = await team.enter(browser, 'mo', { at: '/tasks' })
    await part(here.page, 'field-current').fill(PASSWORD)
    await part(here.page, 'field-fresh').fill('mo')
    await part(here.page, 'password-save').click()
    await here.page.locator('[data-test="password-form"] [role="alert"]').waitFor()
    await part(here.page, 'field-fresh').fill('ten small drums roll')
    await part(here.page, 'password-save').click()
    await here.page.getByText('Your password is changed.').waitFor()
    await signedOut(there.page).waitFor({ timeout: 60_000 })
    await signInAgain(there.page, 'ten small drums roll')
    await signedOut(there.page).waitFor({ state: 'detached' })

    await part(here.page, 'sign-out-everywhere').click()
    await here.page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
    await part(here.page, 'login').waitFor()
    await signedOut(there.page).waitFor({ timeout: 60_000 })
    for (const { context } of [here, there]) await context.close()
  })
})

const PAGES = [
  { name: 'profile', at: '/profile', ready: 'profile-form' },
  { name: 'tokens', at: '/tokens', ready: 'token-form' },
  { name: 'people', at: '/admin/people', ready: 'person-row' },
  { name: 'audit', at: '/admin/audit', ready: 'audit-row' },
  { name: 'tasks-accounts', at: '/tasks', ready: 'scope-mine' },
  { name: 'spend-accounts', at: '/spend', ready: 'month-before' },
]
const LOOKS = [
  { look: 'desk-light', size: DESKTOP, dark: false, language: 'zh-CN' },
  { look: 'phone-dark', size: PHONE, dark: true, language: 'en' },
]

describe('pages of accounts', { timeout: 240_000 }, () => {
  for (const { look, ...options } of LOOKS) {
    test(`${look} have no violation and fit`, async () => {
      const { page, context, problems } = await openPage(browser, { ...options, address: team.address, at: '/login' })
      await part(page, 'login').waitFor()
      await shot(page, `login-${look}`)
      assert.deepEqual(await violations(page), [])
      await logIn(page, 'ada')
      await part(page, 'account').focus()
      await page.keyboard.press('Enter')
      await part(page, 'menu-profile').waitFor()
      await shot(page, `menu-${look}`)
      assert.deepEqual(await violations(page), [])
      await page.keyboard.press('Escape')
      await part(page, 'menu-profile').waitFor({ state: 'hidden' })
      assert.equal(await page.evaluate(() => document.activeElement.dataset.test), 'account')
      for (const { name, at, ready } of PAGES) {
        await page.goto(team.address + at)
        await part(page, ready).first().waitFor()
        await shot(page, `${name}-${look}`)
        assert.deepEqual([name, ...(await violations(page))], [name])
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), options.size.width, name)
      }
      assert.deepEqual(surprises(problems), [])
      await context.close()
    })
  }
})
