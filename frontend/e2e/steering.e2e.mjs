/** Failures, pause and cancel, two tabs, a reload and a lost connection, as a person meets them. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { drop, inState, launch, openPage, part, photos, ended, ready } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

describe('steering', { timeout: 240_000 }, () => {
  test('what failed is rerun with other words, and only that', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en' })
    await drop(page, photos(3))
    await inState(page, 'upload-tile', 'done').nth(2).waitFor()
    await part(page, 'prompt').fill('a cat [fail:blocked]')
    await part(page, 'start').click()
    await part(page, 'failure-group').first().waitFor()
    await ended(page).waitFor({ state: 'attached' })
    assert.equal(await inState(page, 'result-tile', 'failed').count(), 3)

    await part(page, 'change-group').first().click()
    await part(page, 'change-prompt').fill('a cat')
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click()

    await inState(page, 'result-tile', 'succeeded').nth(2).waitFor()
    assert.equal(await part(page, 'failure-group').count(), 0)
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('a reload keeps the draft and the batch', async () => {
    const { page, context } = await openPage(browser, { language: 'en' })
    await drop(page, photos(2))
    await inState(page, 'upload-tile', 'done').nth(1).waitFor()
    await part(page, 'prompt').fill('kept words')
    await page.waitForTimeout(600)
    await page.reload()

    await inState(page, 'upload-tile', 'done').nth(1).waitFor()
    assert.equal(await part(page, 'prompt').inputValue(), 'kept words')
    await part(page, 'start').click()
    await page.waitForURL(/batch=/)
    await page.reload()
    await inState(page, 'result-tile', 'succeeded').nth(1).waitFor()
    await context.close()
  })

  test('a second tab follows, and a lost connection catches up without a reload', async () => {
    const { page, context } = await openPage(browser, { language: 'en' })
    const tab = await context.newPage()
    await drop(page, photos(20))
    await inState(page, 'upload-tile', 'done').nth(5).waitFor()
    await part(page, 'prompt').fill('two tabs')
    await ready(page).waitFor()
    await part(page, 'start').click()
    await page.waitForURL(/batch=/)
    await tab.goto(page.url())
    await context.setOffline(true)
    await page.waitForTimeout(1500)
    await context.setOffline(false)

    for (const one of [page, tab]) await ended(one).waitFor({ state: 'attached', timeout: 60_000 })
    const words = await Promise.all([page, tab].map((one) => part(one, 'progress').getAttribute('aria-valuetext')))
    assert.equal(words[0], words[1])
    assert.match(words[0], /20 of 20/)
    await context.close()
  })

  test('pause stands still, resume goes on, cancel ends the rest', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en' })
    await drop(page, photos(20))
    await inState(page, 'upload-tile', 'done').nth(3).waitFor()
    for (let n = 0; n < 7; n += 1) await part(page, 'variants-more').click()
    await part(page, 'prompt').fill('many')
    await ready(page).waitFor()
    await part(page, 'start').click()
    await page.waitForURL(/batch=/)
    await part(page, 'pause').click()
    await part(page, 'resume').waitFor()
    await part(page, 'resume').click()
    await part(page, 'cancel').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the rest' }).click()

    await page.locator('[data-test="progress"][data-state="cancelled"]').waitFor({ state: 'attached', timeout: 30_000 })
    assert.deepEqual(problems, [])
    await context.close()
  })
})
