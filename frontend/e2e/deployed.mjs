/** The main job against a deployment, through its Nginx: sign in, drop, start, watch, download. Run by make test-deploy. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { ADDRESS, drop, ended, entriesOf, inState, launch, openPage, part, photos, ready } from './lib.mjs'

test('drop, start, watch, download', { timeout: 240_000 }, async () => {
  const browser = await launch()
  try {
    const { page, context, problems } = await openPage(browser, { language: 'en', at: '/assets/none' })
    const entered = await context.request.post(`${ADDRESS}/api/auth/login`, {
      data: { username: process.env.USERNAME, password: process.env.PASSWORD },
      headers: { Origin: ADDRESS },
    })
    assert.equal(entered.status(), 200)
    problems.length = 0 // the page that was opened only to have a context is missing
    await page.goto(ADDRESS)
    await drop(page, photos(4))
    await inState(page, 'upload-tile', 'done').first().waitFor()
    await part(page, 'prompt').fill('paint it at night')
    await ready(page).waitFor()
    await part(page, 'start').click()
    await ended(page).waitFor({ state: 'attached', timeout: 120_000 })
    const [download] = await Promise.all([page.waitForEvent('download'), part(page, 'download-zip').click()])
    assert.equal(
      entriesOf(await readFile(await download.path())).filter((name) => !name.startsWith('manifest')).length,
      4,
    )
    assert.deepEqual(problems, [])
  } finally {
    await browser.close()
  }
})
