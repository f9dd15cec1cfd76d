/** A first visit: the example in two clicks, led through it or not; and the sheet of keys. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { DESKTOP, PHONE, inState, launch, openPage, part, shot, unhindered } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const LOOKS = [
  { name: 'desk', size: DESKTOP, dark: false, language: 'zh-CN', finish: '结束导览' },
  { name: 'phone', size: PHONE, dark: true, language: 'en', finish: 'Finish' },
]

describe('a first visit', { timeout: 240_000 }, () => {
  for (const { name, ...options } of LOOKS) {
    test(`makes three pictures of the example, ${name}`, async () => {
      const { page, context, problems } = await openPage(browser, options)
      await part(page, 'welcome').waitFor()
      await shot(page, `welcome-${name}`)
      await unhindered(page, 'welcome')
      await part(page, 'welcome-try').click()
      await inState(page, 'upload-tile', 'done').nth(2).waitFor()
      const step = page.locator('.el-tour__content:visible')
      for (let n = 1; n <= 3; n += 1) {
        await step.getByText(new RegExp(`^${n}\\. `)).waitFor()
        await page.waitForTimeout(400)
        await shot(page, `welcome-${name}-step-${n}`)
        await unhindered(page, `step ${n} of the tour`)
        await step.locator('.el-button--primary').click()
      }
      await step.waitFor({ state: 'hidden' })
      await part(page, 'start').click()
      await inState(page, 'result-tile', 'succeeded').nth(2).waitFor({ timeout: 60_000, state: 'attached' })
      await page.goto(new URL('/', page.url()).href)
      await part(page, 'example').waitFor() // it does not welcome twice
      assert.deepEqual(problems, [])
      await context.close()
    })
  }

  test('can be skipped, and the tour too', async () => {
    const { page, context } = await openPage(browser, { language: 'en' })
    await part(page, 'welcome-skip').click()
    await part(page, 'welcome').waitFor({ state: 'detached' })
    await page.evaluate(() => localStorage.clear())
    await page.reload()
    await part(page, 'welcome-try').click()
    await page.locator('.el-tour__content:visible').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.el-tour__content:visible').waitFor({ state: 'detached' })
    await context.close()
  })

  test('finds the keys by ?, not while it types', async () => {
    const { page, context } = await openPage(browser, { language: 'en' })
    await part(page, 'prompt').fill('')
    await part(page, 'prompt').press('?')
    assert.equal(await part(page, 'prompt').inputValue(), '?')
    assert.equal(await part(page, 'shortcuts').count(), 0)
    await part(page, 'prompt').blur()
    await page.keyboard.press('?')
    await part(page, 'shortcuts').first().waitFor()
    await shot(page, 'shortcuts')
    await unhindered(page, 'shortcuts')
    await page.keyboard.press('Escape')
    await part(page, 'shortcuts').first().waitFor({ state: 'detached' })
    await context.close()
  })
})
