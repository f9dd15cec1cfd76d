/** The main job by hand: drop, prompt, start, watch, download; on a desk and a phone, in both languages. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { DESKTOP, PHONE, drop, entriesOf, inState, launch, openPage, part, photos, shot, ready, ended } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

async function startPile(page, files, prompt) {
  await drop(page, files)
  await inState(page, 'upload-tile', 'done').first().waitFor()
  await part(page, 'prompt').fill(prompt)
  await ready(page).waitFor()
  await part(page, 'start').click()
}

async function downloaded(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), part(page, 'download-zip').click()])
  return entriesOf(await readFile(await download.path()))
}

const CASES = [
  { name: 'desk-zh', size: DESKTOP, language: 'zh-CN', word: '工作台' },
  { name: 'desk-en', size: DESKTOP, language: 'en', word: 'Workspace' },
  { name: 'phone-zh', size: PHONE, language: 'zh-CN', word: '工作台' },
  { name: 'phone-en', size: PHONE, language: 'en', word: 'Workspace' },
]

describe('from drop to zip', { timeout: 240_000 }, () => {
  for (const { name, size, language, word } of CASES) {
    test(name, async () => {
      const { page, context, problems } = await openPage(browser, { size, language })
      await page.getByRole('link', { name: word }).first().waitFor()
      await shot(page, `${name}-1-empty`)
      await startPile(page, photos(), language === 'en' ? 'paint it at night' : '把它画成夜晚')
      await inState(page, 'result-tile', 'running').first().waitFor({ state: 'attached' })
      await shot(page, `${name}-2-running`)
      await ended(page).waitFor({ state: 'attached', timeout: 90_000 })
      await shot(page, `${name}-3-done`)

      const names = await downloaded(page)
      assert.equal(names.length, 22)
      assert.ok(names.includes('portrait.jpg') && names.includes('IMG_1 (2).jpg') && names.includes('manifest.csv'))
      assert.deepEqual(problems, [])
      await context.close()
    })
  }
})
