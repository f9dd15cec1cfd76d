/** Finish notices as a person sets them up; a real server on loopback receives them. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { PHONE, launch, openPage, part, shot, ended } from './lib.mjs'

let browser
let receiver
const got = []
before(async () => {
  browser = await launch()
  receiver = createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks) })
      response.end()
    })
  })
  await new Promise((listening) => receiver.listen(0, '127.0.0.1', listening))
})
after(async () => {
  receiver.close()
  await browser.close()
})

/** As Docs/notices.md tells a receiver to check. */
function isSigned({ headers, body }, secret) {
  const { t, v1 } = Object.fromEntries(headers['x-batchgen-signature'].split(',').map((one) => one.split('=')))
  return createHmac('sha256', secret).update(`${t}.`).update(body).digest('hex') === v1
}

describe('notices', { timeout: 120_000 }, () => {
  test('a webhook is added, tried out, and hears of the end of a batch', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en' })
    await part(page, 'notify').getByRole('link').click()
    await part(page, 'notice-address').fill('http://example.com/x')
    await part(page, 'notice-add').click()
    await page.getByText('The URL must start with https://.').waitFor()
    await shot(page, 'notices-wrong')

    await part(page, 'notice-address').fill(`http://127.0.0.1:${receiver.address().port}/in/hidden`)
    await part(page, 'notice-label').fill('Orders')
    await part(page, 'notice-add').click()
    const secret = await part(page, 'fresh-secret').textContent()
    await part(page, 'notice-test').click()
    await page.getByText('The test arrived.').waitFor()
    await shot(page, 'notices-tested')
    assert.ok(isSigned(got[0], secret))
    assert.ok(await part(page, 'notice-default').isChecked())

    await page.goto(new URL('/', page.url()).href)
    assert.ok(await part(page, 'notify-webhook').isChecked())
    await part(page, 'prompt').fill('a red boat')
    await shot(page, 'notices-choice')
    await part(page, 'start').click()
    await page.locator('[data-test="notice"][data-state="sent"]').waitFor({ timeout: 60_000 })
    await shot(page, 'notices-sent')

    const told = JSON.parse(got[1].body)
    assert.ok(isSigned(got[1], secret))
    assert.equal(told.batch.counts.succeeded, 1)
    assert.match(told.url, /\/batches\/b[0-9a-z]{20}$/)
    assert.deepEqual(
      problems.filter((one) => !one.includes('422')),
      [],
    )
    await context.close()
  })

  test('one batch can be kept quiet, and a target can be removed, on a phone in Chinese', async () => {
    const { page, context } = await openPage(browser, { size: PHONE })
    const before = got.length
    await part(page, 'notify-webhook').uncheck()
    await part(page, 'prompt').fill('a blue boat')
    await shot(page, 'notices-choice-phone')
    await part(page, 'start').click()
    await ended(page).waitFor({ state: 'attached' })

    await part(page, 'notices-link').click()
    await part(page, 'notice-target').waitFor()
    await shot(page, 'notices-phone')
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width)
    await part(page, 'notice-remove').click()
    await page.getByText('还没有通知目标。').waitFor()
    assert.equal(got.length, before)
    await context.close()
  })
})
