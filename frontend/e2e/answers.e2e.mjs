/** Pictures that are not what was asked for: shown with the reason, accepted by button, key or all at once, or retried. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { ADDRESS, DESKTOP, PHONE, drop, entriesOf, inState, launch, openPage, part, photos, shot } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const marked = (page) => page.locator('[data-test="result-tile"][data-marked]')

/** A batch of its own prompts, made by the API. */
async function batchOf(...prompts) {
  const items = prompts.map((prompt, n) => ({ prompt, name: `${n + 1}.jpg` }))
  const answer = await fetch(`${ADDRESS}/api/batches`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Answers', prompt: 'p', items, options: { aspect_ratio: '16:9' } }),
  })
  return (await answer.json()).id
}

async function violations(page) {
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`)
}

describe('answers that are not as asked', { timeout: 240_000 }, () => {
  test('what came back unchanged is seen, accepted in its tile, and then in the zip', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en' })
    await drop(page, photos(2))
    await inState(page, 'upload-tile', 'done').nth(1).waitFor()
    await part(page, 'prompt').fill('as it was [fail:unchanged]')
    await part(page, 'start').click()
    await marked(page).nth(1).waitFor()
    const tile = marked(page).first()
    await tile.getByText('Same as the input').waitFor()
    assert.equal(await part(page, 'download-zip').isVisible(), false)
    assert.ok(await tile.locator('img.result').evaluate((img) => img.complete && img.naturalWidth > 0))

    await tile.hover()
    await tile.locator('[data-act="accept"]').click()

    await inState(page, 'result-tile', 'succeeded').first().waitFor()
    await marked(page).nth(1).waitFor({ state: 'detached' })
    const [download] = await Promise.all([page.waitForEvent('download'), part(page, 'download-zip').click()])
    assert.equal(entriesOf(await readFile(await download.path())).length, 3)
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('they are looked at one after the other in the viewer, and accepted by a key', async () => {
    const batch = await batchOf('fine', '[fail:blank]', '[fail:small]')
    const { page, context, problems } = await openPage(browser, { language: 'en', at: `/batches/${batch}` })
    await marked(page).nth(1).waitFor()
    await part(page, 'look-marked').click()
    await part(page, 'viewer-accept').waitFor()
    assert.match(await part(page, 'viewer').innerText(), /1 \/ 2[\s\S]*Blank/)
    assert.deepEqual(await violations(page), [])
    await page.keyboard.press('a')
    await part(page, 'viewer-accept').waitFor({ state: 'detached' })
    await page.keyboard.press('ArrowRight')
    await part(page, 'viewer-accept').click()
    await part(page, 'viewer-accept').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')

    await inState(page, 'result-tile', 'succeeded').nth(2).waitFor()
    assert.equal(await part(page, 'failure-group').count(), 0)
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('all are accepted at once; what is no picture stays failed', async () => {
    const batch = await batchOf('[fail:blank]', '[fail:ratio]', '[fail:blocked]')
    const { page, context } = await openPage(browser, { language: 'en', at: `/batches/${batch}` })
    await marked(page).nth(1).waitFor()

    await part(page, 'accept-marked').click()

    await inState(page, 'result-tile', 'succeeded').nth(1).waitFor()
    assert.equal(await inState(page, 'result-tile', 'failed').count(), 1)
    assert.equal(await part(page, 'accept-marked').count(), 0)
    await context.close()
  })

  test('edited and retried, the new picture takes the place of the marked one', async () => {
    const batch = await batchOf('[fail:blank]')
    const { page, context } = await openPage(browser, { language: 'en', at: `/batches/${batch}` })
    const tile = marked(page).first()
    await tile.waitFor()
    const before = await tile.locator('img.result').getAttribute('src')
    await tile.focus()
    await page.keyboard.press('Enter')
    await part(page, 'viewer-prompt').fill('a fox')
    await part(page, 'viewer-retry').click()
    await part(page, 'viewer').locator('[data-test="viewer-download"]').waitFor()
    await page.keyboard.press('Escape')

    await inState(page, 'result-tile', 'succeeded').first().waitFor()
    assert.notEqual(await page.locator('img.result').getAttribute('src'), before)
    assert.equal((await fetch(ADDRESS + before)).status, 404)
    await context.close()
  })
})

const LOOKS = [
  { name: 'desk-light', size: DESKTOP, dark: false, language: 'zh-CN' },
  { name: 'desk-dark', size: DESKTOP, dark: true, language: 'en' },
  { name: 'phone-light', size: PHONE, dark: false, language: 'en' },
  { name: 'phone-dark', size: PHONE, dark: true, language: 'zh-CN' },
]

describe('marked pictures for everybody', { timeout: 240_000 }, () => {
  for (const look of LOOKS) {
    test(`${look.name} has no violation`, async () => {
      const batch = await batchOf('[fail:blank]', '[fail:ratio]', '[fail:small]', '[fail:blocked]', 'fine')
      const { page, context, problems } = await openPage(browser, { ...look, at: `/batches/${batch}` })
      await marked(page).nth(2).waitFor()
      await inState(page, 'result-tile', 'succeeded').first().waitFor()
      await marked(page).first().hover()
      await page.waitForTimeout(500)
      await page.evaluate(() => scrollTo(0, 0)) // a button half under the bar would count as too small
      await shot(page, `answers-${look.name}`)
      assert.deepEqual(await violations(page), [])
      await part(page, 'look-marked').click()
      await page.keyboard.press('ArrowRight')
      await page.waitForTimeout(500)
      await shot(page, `answers-viewer-${look.name}`)
      assert.deepEqual(await violations(page), [])
      assert.deepEqual(problems, [])
      await context.close()
    })
  }
})
