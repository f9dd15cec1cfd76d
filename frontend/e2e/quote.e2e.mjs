/** The quote beside Start as a person watches it: cost, pictures, time, and what will come out otherwise than expected. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { DESKTOP, PHONE, drop, inState, launch, openPage, part, photos, shot } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

async function choose(page, name, words) {
  await part(page, name).click()
  await page.getByRole('option', { name: words }).click()
}
const named = (...names) => photos().filter(({ name }) => names.includes(name))
const reads = (page, name, words) => part(page, name).filter({ hasText: words }).waitFor()

describe('the quote', { timeout: 240_000 }, () => {
  for (const [name, size] of [
    ['desk', DESKTOP],
    ['phone', PHONE],
  ]) {
    test(`follows images, variants, size and model (${name})`, async () => {
      const { page, context, problems } = await openPage(browser, { size, language: 'en', dark: name === 'phone' })
      await reads(page, 'quote-cost', 'Free')
      await choose(page, 'model', 'Demo with a price')
      await reads(page, 'model-facts', '1K $0.02 · 2K $0.035 · +$0.008 for each image sent · retires on 2030-01-31')
      await reads(page, 'quote-cost', 'About $0.02')
      assert.equal(await part(page, 'seed').count(), 0)
      assert.equal(await part(page, 'watermark').count(), 0)

      await drop(page, named('square.png', 'portrait.jpg'))
      await inState(page, 'upload-tile', 'done').nth(1).waitFor()
      await reads(page, 'quote-cost', 'About $0.06')
      await part(page, 'variants-more').click()
      await reads(page, 'quote-cost', 'About $0.11')
      await reads(page, 'quote-pictures', '2 × 2 = 4 pictures')
      await choose(page, 'size', '2K')
      await reads(page, 'quote-cost', 'About $0.17')
      await reads(page, 'quote-notes', 'This model ends on 2030-01-31')

      await drop(page, named('banner.png', 'tall.jpg', 'logo.png'))
      await reads(page, 'quote-notes', '1 of the images will come out as 3:2')
      await reads(page, 'quote-notes', '1 of the images will come out as 2:3')
      await page.waitForTimeout(300)
      await shot(page, `quote-${name}`)
      await choose(page, 'ratio', '1:1')
      await page.waitForFunction(
        () => !document.querySelector('[data-test="quote-notes"]')?.textContent?.includes('come out'),
      )
      assert.deepEqual(problems, [])
      await context.close()
    })
  }

  test('tells the time once one was measured, offers what the model has, and is kept through a reload', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en' })
    await choose(page, 'model', 'Demo painter')
    await choose(page, 'format', 'WEBP')
    await part(page, 'watermark').click()
    await part(page, 'seed').fill('7')
    await part(page, 'prompt').fill('marked')
    await page.waitForFunction(() => document.querySelector('[data-test="start"]').ariaDisabled === 'false')
    await part(page, 'start').click()
    await inState(page, 'result-tile', 'succeeded').first().waitFor()
    await page.waitForTimeout(600)
    await page.reload()

    await reads(page, 'quote-pictures', /1 picture · about \d+ sec/)
    assert.equal(await part(page, 'seed').inputValue(), '7')
    assert.match(await part(page, 'format').innerText(), /WEBP/)
    assert.equal(await part(page, 'watermark').locator('input').isChecked(), true)
    const batch = new URL(page.url()).searchParams.get('batch')
    const { items } = await page.evaluate(async (id) => (await fetch(`/api/batches/${id}/items`)).json(), batch)
    assert.deepEqual([items[0].result.format, items[0].result.seed], ['webp', 7])
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('an image that the model refuses is told at once, and the start is up to the person', async () => {
    const { page, context } = await openPage(browser, { language: 'zh-CN' })
    await choose(page, 'model', '演示（有标价）')
    await page.evaluate(() => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 700, height: 100 })
      window.banner = canvas.toDataURL('image/png').split(',')[1]
    })
    const data = Buffer.from(await page.evaluate(() => window.banner), 'base64')
    await drop(page, [{ name: 'banner7.png', data }])
    await part(page, 'prompt').fill('夜晚')
    await reads(page, 'quote-notes', '“banner7.png”太长或太宽，此模型最多接受 3:1。')
    assert.equal(await part(page, 'start').getAttribute('aria-disabled'), 'false')
    await context.close()
  })
})
