/** Two tabs and a phone on one batch, one of them without a connection for a minute: in the end all say the same. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { DESKTOP, PHONE, launch, part, shot } from './lib.mjs'
import { startTeam, surprises } from './team.mjs'

const COUNT = 100
const MINUTE = 60_000
let browser, team
before(async () => {
  browser = await launch()
  team = await startTeam({ DEMO_LATENCY_SECONDS: '4', DEMO_CONCURRENCY: '4' })
})
after(async () => {
  await browser?.close()
  await team?.stop()
})

/** What a page says of the batch: its name, its progress, and the state of every picture, scrolled through. */
async function told(page) {
  const states = {}
  await page.evaluate(() => window.scrollTo(0, 0))
  for (let n = 0; n < 60 && Object.keys(states).length < COUNT; n += 1) {
    const seen = await part(page, 'result-tile').evaluateAll((tiles) =>
      tiles.map((tile) => [tile.dataset.index, tile.dataset.state]),
    )
    Object.assign(states, Object.fromEntries(seen))
    const last = part(page, 'result-tile').last()
    await last.evaluate((tile) => tile.scrollIntoView({ block: 'start' }))
    await page.waitForTimeout(150)
  }
  const progress = await part(page, 'progress').getAttribute('aria-valuetext')
  return {
    name: await page
      .getByRole('heading', { name: /evening/ })
      .first()
      .innerText(),
    progress,
    states,
  }
}

describe('those who look at one batch agree', { timeout: 300_000 }, () => {
  test('two tabs and a phone, one of which was away for a minute', async () => {
    const items = Array.from({ length: COUNT }, (_, n) => ({ prompt: `picture ${n}` }))
    const { id } = await team.admin('POST', '/api/batches', {
      name: 'One evening',
      prompt: 'p',
      provider: 'demo',
      items,
    })
    const at = `/batches/${id}`
    const desk = await team.enter(browser, 'ada', { at, size: DESKTOP })
    const tab = await desk.context.newPage()
    await tab.goto(team.address + at)
    const phone = await team.enter(browser, 'ada', { at, size: PHONE })
    const pages = [desk.page, tab, phone.page]
    for (const page of pages) await part(page, 'result-tile').first().waitFor()
    await phone.page.evaluate(() => (window.stayed = true))

    await phone.context.setOffline(true)
    const renamed = await team.admin('PATCH', `/api/batches/${id}`, { name: 'Another evening' })
    assert.equal(renamed.name, 'Another evening')
    await phone.page.waitForTimeout(MINUTE)
    await shot(phone.page, 'agree-away')
    const behind = await part(phone.page, 'progress').getAttribute('aria-valuetext')
    await team.admin('POST', `/api/batches/${id}/cancel`)
    await phone.context.setOffline(false)

    for (const page of pages)
      await page
        .locator('[data-test="progress"][data-state="cancelled"]')
        .waitFor({ state: 'attached', timeout: MINUTE })
    const { items: first, next_cursor: cursor } = await team.admin('GET', `/api/batches/${id}/items?limit=200`)
    assert.equal(cursor, null)
    const truth = Object.fromEntries(first.map(({ state }, n) => [String(n), state]))
    assert.deepEqual([...new Set(Object.values(truth))].sort(), ['cancelled', 'succeeded'])
    const all = []
    for (const page of pages) all.push(await told(page))
    for (const one of all) assert.deepEqual(one, { ...all[0], name: 'Another evening', states: truth })
    assert.notEqual(behind, all[0].progress)
    assert.equal(await phone.page.evaluate(() => window.stayed), true) // it was not loaded anew
    await shot(phone.page, 'agree-back')
    assert.deepEqual(surprises(desk.problems), [])
    await Promise.all([desk.context.close(), phone.context.close()])
  })
})
