/** What admins see of others: who waits for what and who works; what each person may spend, and has. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { DESKTOP, PHONE, launch, part, shot, violations } from './lib.mjs'
import { startFake } from './stack.mjs'
import { startTeam, surprises } from './team.mjs'

let browser
let fake
let team
before(async () => {
  browser = await launch()
  fake = await startFake('doubao_server')
  team = await startTeam({
    DOUBAO_API_KEY: 'a-key-of-this-test',
    DOUBAO_BASE_URL: `${fake.url}/api/v3`,
    DEMO_LATENCY_SECONDS: '2',
    DEMO_CONCURRENCY: '1',
    MAX_QUEUED_PER_USER: '40',
  })
})
after(async () => {
  await browser?.close()
  await team?.stop()
  await fake?.stop()
})

const batch = (provider, count) => ({ prompt: 'a red shoe', provider, items: Array(count).fill({}) })
const rowOf = (page, username) => page.locator(`[data-test="person-row"][data-username="${username}"]`)

async function until(holds) {
  while (!(await holds())) await new Promise((go) => setTimeout(go, 100))
}

/** Whether `most` pictures stand still and none runs; else whatever runs is paused, and more is put in. */
async function stuffed(who, most) {
  const { items } = await who('GET', '/api/batches')
  const sum = (...states) => items.reduce((n, { counts }) => n + states.reduce((m, state) => m + counts[state], 0), 0)
  const missing = most - sum('queued', 'waiting', 'running')
  if (missing) items.push(await who('POST', '/api/batches', batch('demo', missing)))
  for (const { id, paused } of items) if (!paused) await who('POST', `/api/batches/${id}/pause`)
  return !missing && !sum('running')
}

describe('the queue', { timeout: 240_000 }, () => {
  test('an admin sees who waits for which model, whose work is open, and the worker; a member does not', async () => {
    const [ann, bob] = [await team.member('ann', 'Ann'), await team.member('bob', 'Bob')]
    await ann('POST', '/api/batches', batch('demo', 30))
    await bob('POST', '/api/batches', batch('demo', 30))
    for (const [name, size, dark] of [
      ['desk-light', DESKTOP, false],
      ['desk-dark', DESKTOP, true],
      ['phone-light', PHONE, false],
      ['phone-dark', PHONE, true],
    ]) {
      const { page, context, problems } = await team.enter(browser, 'ada', { at: '/status', size, dark })
      const lanes = part(page, 'queue-lanes').locator('[data-test="plain-row"]')
      await lanes.first().waitFor()
      assert.match(await lanes.first().innerText(), /(Ann \d+, Bob|Bob \d+, Ann) \d+/)
      assert.match(await part(page, 'queue-people').innerText(), /(Ann|Bob)\s+\d+\s+1\s+(Ann|Bob)\s+\d+\s+1/)
      assert.equal(await part(page, 'status-workers').locator('[data-test="plain-row"]').count(), 1)
      await page.screenshot({ path: `${process.env.SHOTS}/queue-${name}.png`, fullPage: true })
      assert.deepEqual(await violations(page), [])
      assert.deepEqual(surprises(problems), [])
      await context.close()
    }
    const { page, context } = await team.enter(browser, 'ann', { at: '/status' })
    await part(page, 'status-parts').waitFor()
    assert.equal(await part(page, 'status-queue').count(), 0)
    await context.close()
  })

  test('a person whose name is code is a name', async () => {
    const name = '<img src=x onerror="window.hit=1"><b>Eve</b>'
    const eve = await team.member('eve', name)
    await eve('POST', '/api/batches', batch('demo', 30))
    const { page, context, problems } = await team.enter(browser, 'ada')
    for (const at of ['/status', '/admin/people', '/admin/audit', '/spend']) {
      await page.goto(team.address + at)
      await page.getByText('<b>Eve</b>').first().waitFor()
      assert.equal(await page.evaluate(() => 'hit' in window || document.querySelector('img[src="x"]') !== null), false)
    }
    assert.deepEqual(surprises(problems), [])
    await context.close()
  })
})

describe('what each may', { timeout: 240_000 }, () => {
  test('a full queue is told beside Start before it is pressed, and when it is', async () => {
    const ann = await team.signIn('ann')
    await until(() => stuffed(ann, 40))
    const { page, context } = await team.enter(browser, 'ann')
    await page.locator('textarea').first().fill('a blue shoe')
    await part(page, 'quote-notes')
      .filter({ hasText: /Your queue is full: \d+ of at most 40 pictures/ })
      .waitFor()
    await shot(page, 'queue-full-quote')
    await part(page, 'start').click()
    const refused = page.getByRole('alert').filter({ hasText: 'are still to be made' })
    await refused.waitFor()
    assert.match(
      await refused.innerText(),
      /\d+ of your pictures are still to be made, of 40 at most; this needs 1 more/,
    )
    await shot(page, 'queue-full')
    await context.close()
  })

  test('an admin sees what each person has spent of their budget, and changes it there', async () => {
    const cy = await team.member('cy', 'Cy')
    const { id } = await cy('POST', '/api/batches', batch('doubao', 3))
    await until(async () => (await cy('GET', `/api/batches/${id}`)).state === 'completed')
    const { page, context, problems } = await team.enter(browser, 'ada', { at: '/admin/people' })
    const spend = rowOf(page, 'cy').locator('[data-test="person-spend"]')
    await spend.filter({ hasText: 'This month: $0.06' }).waitFor()
    await rowOf(page, 'cy').locator('[data-test="person-menu"]').click()
    await page.locator('[data-test="person-budget"]:visible').click()
    const field = part(page, 'field-person-budget')
    await field.fill('much')
    await page.getByText('Write an amount such as 50').waitFor()
    await field.fill('0.08')
    await shot(page, 'people-budget')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await spend.filter({ hasText: 'This month: $0.06 of $0.08' }).waitFor()
    await page.screenshot({ path: `${process.env.SHOTS}/people-spend.png`, fullPage: true })
    assert.deepEqual(await violations(page), [])
    assert.equal((await cy('POST', '/api/batches', batch('doubao', 2))).error.code, 'budget_exceeded')
    assert.deepEqual(surprises(problems), [])
    await context.close()

    const phone = await team.enter(browser, 'ada', { at: '/admin/people', size: PHONE, dark: true })
    await rowOf(phone.page, 'cy').locator('[data-test="person-spend"]').waitFor()
    await phone.page.screenshot({ path: `${process.env.SHOTS}/people-spend-phone.png`, fullPage: true })
    await phone.context.close()
  })
})
