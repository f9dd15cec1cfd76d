/** Nobody is shut out: every view and every dialog by WCAG 2.2 AA, in both themes; and nothing moves where that is not
 * wanted. A view or dialog that is added gets its line here. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { DESKTOP, PHONE, drop, inState, launch, openPage, part, photos, shot, unhindered } from './lib.mjs'
import { logIn, startTeam } from './team.mjs'

let browser
let team
let ids
before(async () => {
  browser = await launch()
  team = await startTeam()
  ids = await things()
})
after(async () => {
  await browser?.close()
  await team?.stop()
})

/** What there is to look at: a batch with a failure, one that waits for a word, a duel, a link, an invitation, a reset. */
async function things() {
  const { admin } = team
  await admin('POST', '/api/users', { username: 'lin', name: 'Lin', password: 'seven red kettles sing' })
  const mixed = [{ name: 'a' }, { prompt: '[fail:blocked]' }, { prompt: '[fail:blank]' }]
  const batch = await admin('POST', '/api/batches', { name: 'Shoes', prompt: 'red shoes', items: mixed })
  const pilot = await admin('POST', '/api/batches', { prompt: 'p', items: [{}, {}, {}], pilot: { size: 1 } })
  const body = { prompt: 'p', items: [{}, {}], pilot: { size: 1 }, contestants: [{}, { prompt: 'q' }] }
  const duel = await admin('POST', '/api/duels', body)
  await settled(batch.id)
  const link = await admin('POST', `/api/batches/${batch.id}/links`, { expires_in_days: 1 })
  const invitation = await admin('POST', '/api/invitations', { role: 'member' })
  const { items } = await admin('GET', '/api/users')
  const reset = await admin('POST', `/api/users/${items.find(({ username }) => username === 'lin').id}/reset`)
  await admin('POST', '/api/tokens', { name: 'script', scopes: ['read'], expires_in_days: 30 })
  const local = (address) => new URL(address).pathname + new URL(address).hash
  return {
    batch: batch.id,
    pilot: pilot.id,
    duel: duel.id,
    link: local(link.url),
    invite: local(invitation.link),
    reset: local(reset.link),
  }
}

async function settled(id) {
  while ((await team.admin('GET', `/api/batches/${id}`)).state !== 'completed') {
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const VIEWS = [
  { name: 'workspace', at: '/', ready: 'start' },
  { name: 'tasks', at: '/tasks', ready: 'task-row' },
  { name: 'turns', at: '/turns', ready: 'turns' },
  { name: 'status', at: '/status', ready: 'status-parts' },
  { name: 'spend', at: '/spend', ready: 'month-before' },
  { name: 'batch', at: () => `/batches/${ids.batch}`, ready: 'failure-group' },
  { name: 'pilot', at: () => `/batches/${ids.pilot}`, ready: 'pilot-bar' },
  { name: 'duel', at: () => `/duels/${ids.duel}`, ready: 'duel-column' },
  { name: 'notices', at: '/notifications', ready: 'notice-form' },
  { name: 'profile', at: '/profile', ready: 'profile-form' },
  { name: 'tokens', at: '/tokens', ready: 'token-row' },
  { name: 'people', at: '/admin/people', ready: 'person-row' },
  { name: 'audit', at: '/admin/audit', ready: 'audit-row' },
  { name: 'nowhere', at: '/no/such/page', ready: 'account' },
  { name: 'absent', at: '/batches/b00000000000000000000', ready: 'batch-absent' },
]
const STRANGERS = [
  { name: 'login', at: '/login', ready: 'login' },
  { name: 'invite', at: () => ids.invite, ready: 'field-username' },
  { name: 'reset', at: () => ids.reset, ready: 'field-password' },
  { name: 'shared', at: () => ids.link, ready: 'shared-tile' },
]

const click = (name) => (page) => part(page, name).first().click()
const dialog = (page) => page.getByRole('dialog').first().waitFor()
async function fromMenu(page, menu, n) {
  await part(page, menu).first().click()
  await page.locator('[role="menuitem"]:visible').nth(n).click()
}

/** What opens over a view: `at`, how it is opened, how it is known to be there. */
const DIALOGS = [
  { name: 'account-menu', at: '/', open: click('account'), there: (page) => part(page, 'menu-profile').waitFor() },
  { name: 'viewer', at: () => `/batches/${ids.batch}`, ready: 'result-tile', open: (page) => inState(page, 'result-tile', 'succeeded').first().click(), there: (page) => part(page, 'viewer').waitFor() },
  { name: 'change', at: () => `/batches/${ids.batch}`, ready: 'change-group', open: click('change-group') },
  { name: 'sharing', at: () => `/batches/${ids.batch}`, ready: 'share', open: click('share') },
  { name: 'rename', at: () => `/batches/${ids.batch}`, ready: 'share', open: (page) => page.locator('.pen').click() },
  { name: 'cancel', at: () => `/batches/${ids.pilot}`, ready: 'cancel', open: click('cancel') },
  { name: 'repeat', at: () => `/batches/${ids.pilot}`, ready: 'pilot-repeat', open: click('pilot-repeat') },
  { name: 'task-menu', at: '/tasks', ready: 'task-menu', open: click('task-menu'), there: (page) => page.getByRole('menu').first().waitFor() },
  { name: 'person', at: '/admin/people', ready: 'person-menu', open: (page) => fromMenu(page, 'person-menu', 0) },
  { name: 'invite', at: '/admin/people', ready: 'invite-open', open: click('invite-open') },
  { name: 'token-remove', at: '/tokens', ready: 'token-remove', open: click('token-remove') },
] // prettier-ignore

// the tour and the sheet of keys are in welcome.e2e.mjs
const LOOKS = [
  { look: 'light', size: DESKTOP, dark: false, language: 'zh-CN' },
  { look: 'dark', size: DESKTOP, dark: true, language: 'en' },
  { look: 'phone-dark', size: PHONE, dark: true, language: 'zh-CN' },
]
const placeOf = (at) => team.address + (typeof at === 'string' ? at : at())

async function goTo(page, { at, ready }) {
  await page.goto(placeOf(at))
  if (ready) await part(page, ready).first().waitFor()
}

describe('axe', { timeout: 900_000 }, () => {
  for (const { look, ...options } of LOOKS) {
    test(`has nothing to say to any view or dialog, ${look}`, async () => {
      const { page, context } = await openPage(browser, { ...options, address: team.address, at: '/login' })
      for (const view of STRANGERS) {
        await goTo(page, view)
        await unhindered(page, `${view.name} ${look}`)
      }
      await page.goto(`${team.address}/login`)
      await logIn(page, 'ada')
      await part(page, 'account').waitFor()
      for (const view of VIEWS) {
        await goTo(page, view)
        await unhindered(page, `${view.name} ${look}`)
      }
      for (const { name, open, there = dialog, ...view } of DIALOGS) {
        await goTo(page, view)
        await open(page)
        await there(page)
        await unhindered(page, `${name} dialog ${look}`)
        await shot(page, `axe-${name}-${look}`)
      }
      await context.close()
    })
  }

  test('has nothing to say to a workspace that is at work', async () => {
    const { page, context } = await team.enter(browser, 'ada')
    await drop(page, photos(4))
    await inState(page, 'upload-tile', 'done').nth(3).waitFor()
    await part(page, 'prompt').fill('a {colour} {thing}')
    await part(page, 'variable-table').waitFor()
    await unhindered(page, 'workspace with variables')
    await part(page, 'prompt').fill('paint it at night')
    await part(page, 'start').click()
    await part(page, 'result-tile').first().waitFor()
    await unhindered(page, 'workspace at work')
    await context.close()
  })

  test('where less motion is asked for, nothing goes on moving', async () => {
    const { page, context } = await team.enter(browser, 'ada')
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await drop(page, photos(2))
    await inState(page, 'upload-tile', 'done').nth(1).waitFor()
    await part(page, 'prompt').fill('paint it slowly')
    await part(page, 'start').click()
    await part(page, 'result-tile').first().waitFor()
    await page.waitForTimeout(300)
    const moving = await page.evaluate(() =>
      document
        .getAnimations()
        .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().endTime > 100)
        .map((one) => one.effect.target.className),
    )
    assert.deepEqual(moving, [])
    await context.close()
  })
})
