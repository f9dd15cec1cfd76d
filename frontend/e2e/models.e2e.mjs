/** A model that goes offline: the selector says why, the failed pictures go on with its successor in one click. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { ADDRESS, DESKTOP, PHONE, inState, launch, openPage, part, shot, ended } from './lib.mjs'

const { FAKE_PROVIDER } = process.env
const MODEL = 'gpt-image-2.5-flare'
const HEIR = 'gpt-image-2.5-sunburst'

let browser
before(async () => {
  browser = await launch()
})
afterEach(() => takeAway())
after(() => browser.close())

const takeAway = (...gone) =>
  fetch(`${FAKE_PROVIDER}/_control`, { method: 'POST', body: JSON.stringify({ gone, probing: 'ok' }) })

/** Wait until the catalogue says so. */
async function goneIs(...gone) {
  for (;;) {
    const providers = await (await fetch(`${ADDRESS}/api/providers`)).json()
    const { models } = providers.find(({ id }) => id === 'openai')
    const found = models.filter(({ available }) => !available).map(({ id }) => id)
    if (found.join() === gone.join()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function choose(page, name, words) {
  await part(page, name).click()
  await page.getByRole('option', { name: words }).click()
}

describe('models', { timeout: 240_000 }, () => {
  test('pictures whose model went offline go on with the successor in one click', async () => {
    await goneIs()
    const { page, context, problems } = await openPage(browser, { language: 'en' })
    await choose(page, 'provider', 'OpenAI Images')
    await part(page, 'prompt').fill('a lighthouse')
    for (let n = 0; n < 7; n += 1) await part(page, 'variants-more').click()
    await part(page, 'start').click()
    await inState(page, 'result-tile', 'succeeded').first().waitFor()

    await takeAway(MODEL)
    await part(page, 'continue-with').waitFor()
    await ended(page).waitFor({ state: 'attached' })
    assert.match(await part(page, 'continue-with').innerText(), /Continue with GPT Image 2\.5 Sunburst/)
    await part(page, 'model-notice').waitFor()
    await shot(page, 'models-desk-failed')
    await part(page, 'continue-with').click()

    await inState(page, 'result-tile', 'succeeded').nth(7).waitFor()
    assert.equal(await part(page, 'failure-group').count(), 0)
    assert.deepEqual(problems, [])
    await context.close()
  })

  for (const { name, size, language } of [
    { name: 'desk-en', size: DESKTOP, language: 'en' },
    { name: 'phone-zh', size: PHONE, language: 'zh-CN' },
  ]) {
    test(`a chosen model that went offline is told with its reason, and left in one click: ${name}`, async () => {
      await goneIs()
      const { page, context, problems } = await openPage(browser, { size, language })
      await choose(page, 'provider', /OpenAI/)
      await choose(page, 'model', /Sunburst/)
      await part(page, 'prompt').fill('a lighthouse')

      await takeAway(HEIR)
      await goneIs(HEIR)
      await page.evaluate(() => window.dispatchEvent(new Event('focus')))
      await page.locator('[data-test="model-notice"][data-kind="offline"]').waitFor()
      await part(page, 'model').click()
      await page.getByRole('option', { name: /Sunburst/, disabled: true }).waitFor()
      await page.waitForTimeout(400)
      await shot(page, `models-${name}-selector`)
      await page.keyboard.press('Escape')
      await part(page, 'model-notice').scrollIntoViewIfNeeded()
      await shot(page, `models-${name}-notice`)

      await part(page, 'use-successor').click()
      await part(page, 'model-notice').waitFor({ state: 'detached' })
      await part(page, 'start').click()
      await inState(page, 'result-tile', 'succeeded').first().waitFor()
      assert.deepEqual(problems, [])
      await context.close()
    })
  }
})
