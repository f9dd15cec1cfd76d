/** An admin and two members: invited, signed in, locked out of what is not theirs; tokens, resets, the audit log. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PHONE, launch, openPage, part, shot } from './lib.mjs'
import { PASSWORD, logIn, menu, startTeam, surprises } from './team.mjs'

let browser
let team
before(async () => {
  browser = await launch()
  team = await startTeam()
})
after(async () => {
  await browser?.close()
  await team?.stop()
})

const row = (page, username) => page.locator(`[data-test="person-row"][data-username="${username}"]`)

async function act(page, username, command) {
  await row(page, username).locator('[data-test="person-menu"]').click()
  await page.locator(`[data-test="person-${command}"]:visible`).click()
}

describe('people', { timeout: 240_000 }, () => {
  test('whoever is not signed in is asked to, and gets to the page that they wanted, never elsewhere', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en', address: team.address, at: '/tasks' })
    await part(page, 'login').waitFor()
    assert.equal(new URL(page.url()).search, '?next=/tasks')
    assert.equal(await page.getByRole('navigation').count(), 0)
    await logIn(page, 'ada', 'not it')
    await page.getByText('The username or the password is wrong.').waitFor()
    await shot(page, 'login-wrong')
    await logIn(page, 'ada')
    await page.waitForURL(`${team.address}/tasks`)
    await page.goto(`${team.address}/login?next=//evil.example`)
    await page.waitForURL(`${team.address}/`)
    assert.deepEqual(surprises(problems), [])
    await context.close()
  })

  test('an admin invites somebody by a link, whose token never stays in the address', async () => {
    const admin = await team.enter(browser, 'ada')
    await menu(admin.page, 'menu-people')
    await part(admin.page, 'invite-open').click()
    await part(admin.page, 'field-invite-email').fill('lin@example.com')
    await shot(admin.page, 'people-invite')
    await admin.page.getByRole('button', { name: 'Create the link' }).click()
    const link = await part(admin.page, 'fresh-secret').textContent()
    await shot(admin.page, 'people-invited')
    await admin.page.getByRole('button', { name: 'Done' }).click()
    await part(admin.page, 'invitation-row').waitFor()

    const lin = await openPage(browser, {
      size: PHONE,
      dark: true,
      address: team.address,
      at: new URL(link).pathname + new URL(link).hash,
    })
    await part(lin.page, 'field-name').fill('林')
    assert.equal(lin.page.url(), `${team.address}/invite`)
    await part(lin.page, 'field-username').fill('lin')
    await part(lin.page, 'field-password').fill('password')
    await part(lin.page, 'invite-accept').click()
    await lin.page.locator('[data-test="invite"] [role="alert"]').waitFor()
    await shot(lin.page, 'invite-weak-phone')
    await part(lin.page, 'field-password').fill(PASSWORD)
    await part(lin.page, 'invite-accept').click()
    await part(lin.page, 'prompt').waitFor()
    await part(lin.page, 'account').click()
    assert.equal(await part(lin.page, 'menu-people').count(), 0)
    await lin.page.goto(`${team.address}/admin/people`)
    await lin.page.getByRole('heading', { name: '没有这个页面' }).waitFor()
    await lin.page.goto(link)
    await part(lin.page, 'invite-gone').waitFor()
    assert.deepEqual(surprises([...admin.problems, ...lin.problems]), [])
    await lin.context.close()
    await admin.context.close()
  })

  test('a new password is set by a link once, and ends every session', async () => {
    await team.member('mo', 'Mo')
    const mo = await team.enter(browser, 'mo', { at: '/tasks' })
    const admin = await team.enter(browser, 'ada', { at: '/admin/people' })
    await act(admin.page, 'mo', 'reset')
    const link = await part(admin.page, 'fresh-secret').textContent()
    await shot(admin.page, 'people-reset')

    const other = await openPage(browser, { language: 'en', address: team.address, at: '/reset' })
    await part(other.page, 'reset-gone').waitFor()
    await other.page.goto(link)
    await part(other.page, 'field-password').fill('nine blue lamps hum')
    assert.equal(other.page.url(), `${team.address}/reset`)
    await part(other.page, 'reset-accept').click()
    await other.page.getByText('Your password is set.').waitFor()
    await logIn(other.page, 'mo', 'nine blue lamps hum')
    await part(other.page, 'account').waitFor()
    await part(mo.page, 'field-password').waitFor({ timeout: 60_000 }) // the open page of before heard of it
    for (const { context } of [mo, other, admin]) await context.close()
  })
})

describe('tokens and who is disabled', { timeout: 240_000 }, () => {
  test('a token is shown once, works as far as its scope, and is dead when it is deleted', async () => {
    await team.member('kim', 'Kim')
    const { page, context, problems } = await team.enter(browser, 'kim')
    await menu(page, 'menu-tokens')
    await part(page, 'field-token-name').fill('nightly')
    await part(page, 'field-token-scope').selectOption('read')
    assert.equal(await page.getByRole('option', { name: 'administer' }).count(), 0)
    await part(page, 'token-create').click()
    const token = await part(page, 'fresh-secret').textContent()
    await shot(page, 'tokens-fresh')
    const asked = async (method, path) =>
      (await fetch(team.address + path, { method, headers: { Authorization: `Bearer ${token}` } })).status
    assert.deepEqual([await asked('GET', '/api/batches'), await asked('POST', '/api/batches')], [200, 403])

    await page.reload()
    await part(page, 'token-row').waitFor()
    assert.equal(await part(page, 'fresh-secret').count(), 0)
    await part(page, 'token-remove').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await part(page, 'token-row').waitFor({ state: 'detached' })
    assert.equal(await asked('GET', '/api/batches'), 401)
    assert.deepEqual(surprises(problems), [])
    await context.close()
  })

  test('who is disabled is out at once, and is told no more than anybody', async () => {
    await team.member('pat', 'Pat')
    const pat = await team.enter(browser, 'pat', { at: '/tasks' })
    const admin = await team.enter(browser, 'ada', { at: '/admin/people', size: PHONE })
    await part(admin.page, 'people-search').locator('input').or(part(admin.page, 'people-search')).last().fill('pat')
    await row(admin.page, 'ada').waitFor({ state: 'detached' })
    await act(admin.page, 'pat', 'disable')
    await admin.page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
    await row(admin.page, 'pat').getByText('disabled').waitFor()
    await shot(admin.page, 'people-disabled-phone')
    await part(pat.page, 'field-password').waitFor({ timeout: 60_000 })
    await part(pat.page, 'field-password').fill(PASSWORD)
    await pat.page.keyboard.press('Enter')
    await pat.page.getByText('The username or the password is wrong.').waitFor()
    await pat.context.close()

    await act(admin.page, 'pat', 'delete')
    await admin.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await row(admin.page, 'pat').waitFor({ state: 'detached' })
    await admin.context.close()
  })
})

describe('what admins see, and guesses', { timeout: 240_000 }, () => {
  test('the last admin stays one, and the audit log says who did what', async () => {
    const { page, context, problems } = await team.enter(browser, 'ada', { at: '/admin/people' })
    await row(page, 'ada').locator('[data-test="person-menu"]').click()
    await page.locator('[data-test="person-edit"]:visible').waitFor()
    assert.equal(await page.locator('[data-test="person-delete"]:visible').count(), 0)
    await page.keyboard.press('Escape')

    await page.goto(`${team.address}/admin/audit`)
    await part(page, 'audit-row').first().waitFor()
    await shot(page, 'audit')
    await part(page, 'audit-row').getByRole('button', { name: 'Kim' }).first().click()
    await page.waitForFunction(() =>
      [...document.querySelectorAll('[data-test="audit-row"] th')].every((one) => one.textContent.trim() === 'Kim'),
    )
    const acts = await part(page, 'audit-row').evaluateAll((rows) => rows.map((one) => one.dataset.action))
    assert.ok(acts.includes('token.created'), String(acts))
    assert.ok(acts.includes('token.removed'), String(acts))
    assert.equal(await page.locator('[data-test="audit-row"] code').count(), 0) // each act has words
    assert.deepEqual(surprises(problems), [])
    await context.close()
  })

  test('too many guesses have to wait, and the page says how long', async () => {
    const { page, context } = await openPage(browser, { language: 'en', address: team.address, at: '/login' })
    for (let n = 0; n < 12 && !(await part(page, 'form-wait').count()); n += 1) {
      await logIn(page, 'nobody', `guess ${n}`)
      await part(page, 'form-problem').or(part(page, 'form-wait')).waitFor()
    }
    await part(page, 'form-wait').waitFor()
    assert.ok(await part(page, 'login-submit').isDisabled())
    await shot(page, 'login-wait')
    await context.close()
  })
})
