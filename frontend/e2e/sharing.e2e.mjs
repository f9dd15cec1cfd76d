/** Who sees a batch: its owner, the team, admins, and a stranger with a link, who sees its results only. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { PHONE, entriesOf, inState, launch, openPage, part, shot, violations } from './lib.mjs'
import { startTeam, surprises } from './team.mjs'

let browser
let team
let batch
let lin
const PROMPT = 'a secret prompt about red shoes'
before(async () => {
  browser = await launch()
  team = await startTeam()
  lin = await team.member('lin', 'Lin')
  await team.member('mo', 'Mo')
  const items = [{ name: 'one' }, { name: 'two' }, { name: 'three', prompt: '[fail:blocked]' }]
  batch = (await lin('POST', '/api/batches', { name: 'Shoes', prompt: PROMPT, items })).id
})
after(async () => {
  await browser?.close()
  await team?.stop()
})

const shoes = (page) => part(page, 'task-row').filter({ hasText: 'Shoes' })
const at = () => `/batches/${batch}`

async function share(page) {
  await part(page, 'share').click()
  await part(page, 'share-team').waitFor()
}

describe('the team', { timeout: 180_000 }, () => {
  test('another member sees nothing of a batch until it is shared, and then changes nothing of it', async () => {
    const lin = await team.enter(browser, 'lin', { at: at() })
    const mo = await team.enter(browser, 'mo', { at: at() })
    await inState(lin.page, 'progress', 'completed').waitFor({ state: 'attached', timeout: 60_000 })
    await part(mo.page, 'batch-absent').getByRole('link').waitFor()

    await share(lin.page)
    await part(lin.page, 'share-team').check()
    await lin.page.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
    await part(lin.page, 'shared-mark').getByText('shared with the team').waitFor()

    await mo.page.goto(`${team.address}/tasks`)
    await part(mo.page, 'tasks-empty').waitFor()
    await part(mo.page, 'scope-team').click()
    await shoes(mo.page).getByText('by Lin').waitFor()
    assert.equal(await part(mo.page, 'scope-all').count(), 0)
    await shot(mo.page, 'tasks-team')
    await shoes(mo.page).getByRole('link').first().click()
    await inState(mo.page, 'result-tile', 'succeeded').first().waitFor()
    await part(mo.page, 'failure-group').waitFor()
    for (const forbidden of ['share', 'delete', 'retry-failed', 'retry-group']) {
      assert.equal(await part(mo.page, forbidden).count(), 0, forbidden)
    }
    await inState(mo.page, 'result-tile', 'failed').locator('[data-act="open"]').click()
    await part(mo.page, 'viewer').waitFor()
    assert.equal(await part(mo.page, 'viewer-retry').count(), 0)
    await mo.page.keyboard.press('Escape')
    await shot(mo.page, 'batch-of-another')

    await lin.page.reload()
    await share(lin.page)
    await part(lin.page, 'share-team').uncheck()
    await part(mo.page, 'batch-absent').getByRole('link').waitFor({ timeout: 60_000 }) // told by the stream
    assert.deepEqual(surprises([...lin.problems, ...mo.problems]), [])
    await lin.context.close()
    await mo.context.close()
  })

  test('a sample that is shared is looked at, and decided by its owner', async () => {
    const asked = { name: 'Sampled', prompt: PROMPT, items: Array(4).fill({}), pilot: { size: 1 } }
    const { id } = await lin('POST', '/api/batches', asked)
    await lin('PUT', `/api/batches/${id}/sharing`, { team: true })
    for (const [who, buttons] of [
      ['lin', 3],
      ['mo', 0],
    ]) {
      const { page, context, problems } = await team.enter(browser, who, { at: `/batches/${id}` })
      await inState(page, 'pilot-bar', 'review').waitFor({ timeout: 60_000 })
      assert.equal(await part(page, 'pilot-bar').locator('.buttons button').count(), buttons, who)
      assert.deepEqual(
        problems.filter((one) => !one.includes('401')),
        [],
      ) // before they signed in
      await context.close()
    }
    await lin('POST', `/api/batches/${id}/cancel`)
    await lin('DELETE', `/api/batches/${id}`)
  })

  test("an admin sees everybody's, and acts for them", async () => {
    const { page, context, problems } = await team.enter(browser, 'ada', { at: '/tasks', size: PHONE, dark: true })
    await part(page, 'scope-all').click()
    await shoes(page).getByText('by Lin').waitFor()
    await shot(page, 'tasks-all-phone')
    await shoes(page).getByRole('link').first().click()
    await part(page, 'share').waitFor()
    await part(page, 'retry-failed').waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width)
    assert.deepEqual(surprises(problems), [])
    await context.close()
  })
})

describe('a stranger', { timeout: 180_000 }, () => {
  test('opens a link without a login, sees results only, and nothing when it is revoked', async () => {
    const lin = await team.enter(browser, 'lin', { at: at() })
    await share(lin.page)
    await part(lin.page, 'field-link-days').selectOption('30')
    await part(lin.page, 'link-create').click()
    const url = await part(lin.page, 'fresh-secret').textContent()
    await shot(lin.page, 'sharing')
    assert.deepEqual(await violations(lin.page), [])

    const { page, context, problems } = await openPage(browser, {
      language: 'en',
      address: team.address,
      at: url.slice(team.address.length),
    })
    const asked = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await part(page, 'shared-tile').first().waitFor()
    assert.equal(await part(page, 'shared-tile').count(), 2)
    assert.equal(page.url(), `${team.address}/shared/${batch}`)
    await shot(page, 'shared')
    assert.deepEqual(await violations(page), [])
    assert.ok(!(await page.content()).includes(PROMPT))

    await part(page, 'shared-tile').getByRole('button').first().click()
    await page.waitForFunction(() => document.querySelector('[data-test="shared-full"]')?.naturalWidth > 0)
    await page.keyboard.press('ArrowRight')
    await page.getByText('2 / 2').waitFor()
    await page.keyboard.press('Escape')
    await part(page, 'shared-viewer').waitFor({ state: 'detached' })
    const [download] = await Promise.all([page.waitForEvent('download'), part(page, 'shared-zip').click()])
    const names = entriesOf(await readFile(await download.path()))
    assert.deepEqual(
      names.filter((name) => !name.startsWith('manifest')).map((name) => name.replace(/\..*/, '')),
      ['one', 'two'],
    )

    await page.reload()
    await part(page, 'shared-tile').first().waitFor()
    assert.ok(!asked.some((one) => /^\/api\/(auth|events|batches)/.test(one)), String(asked))

    await part(lin.page, 'link-revoke').click()
    await part(lin.page, 'link-row').waitFor({ state: 'detached' })
    await page.reload()
    await part(page, 'shared-gone').waitFor()
    await page.goto(url)
    await part(page, 'shared-gone').waitFor()
    await shot(page, 'shared-gone')
    assert.deepEqual(surprises([...problems, ...lin.problems]), [])
    await context.close()
    await lin.context.close()
  })
})
