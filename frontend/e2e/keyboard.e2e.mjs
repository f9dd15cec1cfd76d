/** The main job without a mouse: from images to the zip by Tab, Enter, the arrows and words that are typed. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { ended, inState, launch, openPage, part, photos, picturesOf, ready, shot } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const MANY = 80

/** Press Tab (or Shift+Tab) until what `selector` names has the focus, which has to show. */
async function tabTo(page, what, selector, key = 'Tab') {
  for (let n = 0; n < MANY; n += 1) {
    await page.keyboard.press(key)
    const [reached, shown] = await page.evaluate((selector) => {
      const at = document.activeElement
      const { outlineStyle, boxShadow } = getComputedStyle(at)
      const around = getComputedStyle(at.closest('label, .field, .el-input__wrapper') ?? at)
      const seen = [outlineStyle, boxShadow, around.boxShadow, around.outlineStyle].some((one) => one !== 'none')
      return [at.matches(selector), seen && at.matches(':focus-visible')]
    }, selector)
    if (!reached) continue
    assert.ok(shown, `${what} does not show that it has the focus`)
    return
  }
  assert.fail(`${what} is not reached by ${key}`)
}

const named = (name) => `[data-test="${name}"]`

describe('by keyboard alone', { timeout: 240_000 }, () => {
  test('from images to the zip, with a look at each picture', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en' })
    await page.evaluate(() => {
      window.pointed = 0
      for (const kind of ['pointerdown', 'mousedown', 'touchstart'])
        window.addEventListener(kind, () => (window.pointed += 1), true)
    })
    await part(page, 'prompt').waitFor()
    await part(page, 'welcome').waitFor()
    await tabTo(page, 'Skip', named('welcome-skip'))
    await page.keyboard.press('Enter')

    // asked for before the keys: a browser told in the same moment as Enter opens a dialog of its own now and then
    const choosing = page.waitForEvent('filechooser')
    await tabTo(page, 'Choose images', '.pick button:not(.folder)')
    await page.keyboard.press('Enter')
    await (await choosing).setFiles(photos(4).map(({ name, data }) => ({ name, mimeType: 'image/jpeg', buffer: data })))
    await inState(page, 'upload-tile', 'done').nth(3).waitFor()

    await tabTo(page, 'the prompt', named('prompt'))
    await page.keyboard.type('paint it at night')
    await ready(page).waitFor()
    await tabTo(page, 'Start', named('start'))
    await page.keyboard.press('Enter')
    await ended(page).waitFor({ state: 'attached', timeout: 60_000 })

    await tabTo(page, 'the first picture', named('result-tile'))
    await page.keyboard.press('ArrowRight')
    assert.equal(await page.evaluate(() => document.activeElement.dataset.index), '1')
    await page.keyboard.press('Enter')
    await part(page, 'viewer').waitFor()
    await page.keyboard.press('ArrowRight')
    await part(page, 'viewer').getByText('3 / 4').waitFor()
    await shot(page, 'keyboard-viewer')
    await page.keyboard.press('Escape')
    await part(page, 'viewer').waitFor({ state: 'detached' })
    assert.equal(await page.evaluate(() => document.activeElement.dataset.test), 'result-tile')

    await tabTo(page, 'Download', named('download-zip'), 'Shift+Tab')
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
    assert.equal(picturesOf(await readFile(await download.path())).length, 4)
    assert.equal(await page.evaluate(() => window.pointed), 0)
    assert.deepEqual(problems, [])
    await context.close()
  })
})
