/** The review desk: a batch is looked through by keys alone, one picture made again, the approved taken home. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ADDRESS, DESKTOP, PHONE, drop, entriesOf, inState, launch, openPage, part, photos, shot, violations, ended } from './lib.mjs' // prettier-ignore

let browser
before(async () => (browser = await launch()))
after(async () => await browser?.close())

const reads = (page, name, words) => part(page, name).filter({ hasText: words }).first().waitFor()
const reached = (page, open) => page.locator(`[data-test="desk-progress"][data-open="${open}"]`).waitFor()

/** A batch of `count` photos that has ended, and its page. */
async function made(count, options) {
  const opened = await openPage(browser, options)
  const { page } = opened
  await drop(page, photos(count))
  await inState(page, 'upload-tile', 'done')
    .nth(count - 1)
    .waitFor()
  await part(page, 'prompt').fill('a quiet garden')
  await started(page)
  const batch = new URL(page.url()).searchParams.get('batch')
  await page.goto(`${ADDRESS}/batches/${batch}`)
  await inState(page, 'result-tile', 'succeeded').first().waitFor()
  return { ...opened, batch }
}

/** The draft is started, and made to its end. */
async function started(page) {
  await page.waitForFunction(() => document.querySelector('[data-test="start"]').ariaDisabled === 'false')
  const before = page.url()
  await part(page, 'start').click()
  await page.waitForURL((url) => url.href !== before)
  await ended(page).waitFor({ state: 'attached' })
}

/** A folder on disk with the photos in two others. */
async function foldersOf(files) {
  const root = path.join(await mkdtemp(path.join(tmpdir(), 'trip-')), 'trip')
  for (const [n, { name, data }] of files.entries()) {
    const inside = path.join(root, n < 2 ? 'red' : 'blue')
    await mkdir(inside, { recursive: true })
    await writeFile(path.join(inside, name), data)
  }
  return root
}

/** The manifest inside a zip that is stored without compression. */
function csvOf(zip) {
  const text = zip.toString('utf8')
  const from = text.indexOf('index,file,')
  return text.slice(from, text.lastIndexOf('Z\r\n') + 3)
}

/** The first row's prompt is another one. */
const changed = (csv, words) => csv.replace('a quiet garden', words)

async function zipOf(page, press) {
  const [download] = await Promise.all([page.waitForEvent('download'), press()])
  return readFile(await download.path())
}

/** Both pictures zoom as one. */
async function sideBySide(page) {
  await page.keyboard.press('2')
  await part(page, 'desk-panes').waitFor()
  await page.keyboard.press('+')
  await page.waitForTimeout(400)
  const moves = await part(page, 'desk-panes')
    .locator('.frame')
    .evaluateAll((frames) => frames.map((frame) => getComputedStyle(frame).transform))
  assert.equal(moves.length, 2)
  assert.equal(moves[0], moves[1])
  assert.notEqual(moves[0], 'matrix(1, 0, 0, 1, 0, 0)')
  await shot(page, 'desk-side')
  await page.keyboard.press('0')
}

/** Made again, by keys, with a sentence and its price before. */
async function redo(page, sentence) {
  await page.keyboard.press('r')
  await reads(page, 'redo-quote', 'It costs nothing')
  await page.keyboard.type(sentence)
  await page.keyboard.press('Control+Enter') // the price of these words is not there yet: nothing is sent
  assert.equal(await part(page, 'redo-add').count(), 1)
  await reads(page, 'redo-quote', 'It costs nothing')
  await shot(page, 'desk-redo')
  assert.deepEqual(await violations(page), [])
  await page.keyboard.press('Control+Enter')
  await part(page, 'redo-add').waitFor({ state: 'detached' })
}

/** The zip of the approved, by keys: five pictures, and what was said of all six. */
async function takeHome(page) {
  const zip = await zipOf(page, async () => {
    await part(page, 'desk-download').focus()
    await page.keyboard.press('Enter')
  })
  const names = entriesOf(zip)
  assert.equal(names.filter((name) => !name.startsWith('manifest')).length, 5)
  const text = zip.toString('utf8')
  assert.equal(text.match(/"review": "approved"/g).length, 5)
  assert.equal(text.match(/"review": "rejected"/g).length, 1)
  assert.match(text, /a quiet garden\\nwith more light/)
}

describe('review', { timeout: 300_000 }, () => {
  test('six pictures by keys alone: approved, rejected, made again with a sentence, taken back, zipped', async () => {
    const { page, context, problems, batch } = await made(6, { language: 'en' })
    await page.keyboard.press('r')
    await part(page, 'desk').waitFor()
    await reads(page, 'desk-progress', '0 of 6 decided')
    await page.waitForTimeout(500)
    await shot(page, 'desk-slider')
    assert.deepEqual(await violations(page), [])

    await page.keyboard.press('a')
    await page.keyboard.press('x')
    await reads(page, 'desk-progress', '1 approved, 1 rejected')
    await page.keyboard.press('z')
    await reached(page, 5)
    await page.keyboard.press('x')
    await reached(page, 4)

    await sideBySide(page)
    await redo(page, 'with more light')
    for (const left of [3, 2, 1]) {
      await page.keyboard.press('a')
      await reached(page, left)
    }

    await page.keyboard.press('u')
    await page.keyboard.press('ArrowLeft')
    await page.locator('[data-test="desk-earlier"][data-state="succeeded"]').waitFor()
    await page.waitForTimeout(500)
    await shot(page, 'desk-again')
    assert.deepEqual(await violations(page), [])
    await page.keyboard.press('a')
    await reached(page, 0)

    await takeHome(page)
    await page.keyboard.press('Escape')
    await part(page, 'desk').waitFor({ state: 'detached' })
    await page.locator('[data-test="result-tile"]', { hasText: 'Rejected' }).waitFor()
    const seen = await (await fetch(`${ADDRESS}/api/batches/${batch}`)).json()
    assert.deepEqual(seen.review, { approved: 5, rejected: 1, undecided: 0 })
    assert.deepEqual(problems, [])
    await context.close()
  })
})

describe('round trip', { timeout: 300_000 }, () => {
  test('folders and a pattern name the files, their words stand in them, and the manifest brings all back', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en' })
    await part(page, 'file-input').setInputFiles([])
    const folder = await foldersOf(photos(3))
    await page.locator('input[webkitdirectory]').setInputFiles(folder)
    await inState(page, 'upload-tile', 'done').nth(2).waitFor()
    await part(page, 'prompt').fill('a quiet garden')
    await part(page, 'output-files').locator('summary').click()
    await part(page, 'filename-pattern').fill('{date}/{n}-{size}')
    await reads(page, 'filename-preview', '“size” means nothing here')
    await part(page, 'filename-pattern').fill('{name}_{n}')
    await reads(page, 'filename-preview', /trip\/(red|blue)\/[^/]+_1\.png/)
    await part(page, 'output-files').scrollIntoViewIfNeeded()
    await shot(page, 'round-files')
    assert.deepEqual(await violations(page), [])
    await started(page)
    const zip = await zipOf(page, () => part(page, 'download-zip').click())
    const names = entriesOf(zip)
    assert.match(names[0], /^trip\/(red|blue)\/[^/]+_1\.\w+$/)
    assert.equal(names.filter((name) => name.startsWith('trip/red/')).length, 2)
    assert.equal(zip.toString('latin1').match(/AIPromptInformation>a quiet garden</g).length, 3)

    const manifest = changed(csvOf(zip), 'a loud garden')
    await page.goto(`${ADDRESS}/`)
    await part(page, 'prompt').waitFor()
    await drop(page, [{ name: 'manifest.csv', data: Buffer.from(manifest) }])
    await part(page, 'manifest-changed').waitFor()
    await page.waitForTimeout(300)
    await shot(page, 'round-manifest')
    assert.deepEqual(await violations(page), [])
    await page.getByRole('button', { name: 'Bring 1 picture' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await inState(page, 'upload-tile', 'done').waitFor()
    assert.equal(await part(page, 'prompt').inputValue(), 'a loud garden')
    await shot(page, 'round-back')
    await part(page, 'undo').click() // the three of before
    await inState(page, 'upload-tile', 'done').nth(2).waitFor()
    await drop(page, [{ name: 'manifest.csv', data: Buffer.from(manifest) }])
    await page.getByRole('button', { name: 'Bring 1 picture' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await inState(page, 'upload-tile', 'done').waitFor()
    await started(page)
    const again = await zipOf(page, () => part(page, 'download-zip').click())
    assert.equal(entriesOf(again)[0], names[0])
    assert.match(again.toString('latin1'), /AIPromptInformation>a loud garden</)
    // cleared images are in use by the first batch: the server keeps them, and says so
    assert.deepEqual(
      problems.filter((problem) => !problem.includes('409')),
      [],
    )
    await context.close()
  })
})

describe('the desk', { timeout: 300_000 }, () => {
  test('on a phone, in the dark, in Chinese: variants next to each other, an earlier one taken back', async () => {
    const { page, context, problems } = await made(1, { size: PHONE, dark: true })
    const body = { prompt: 'a kite', provider: 'demo', items: [{ name: 'kite' }], variants: 4 }
    const headers = { 'Content-Type': 'application/json' }
    const sent = await fetch(`${ADDRESS}/api/batches`, { method: 'POST', headers, body: JSON.stringify(body) })
    const { id } = await sent.json()
    await page.goto(`${ADDRESS}/batches/${id}`)
    await inState(page, 'result-tile', 'succeeded').nth(3).waitFor()
    await part(page, 'review').click()
    await part(page, 'desk-mode-variants').click()
    await page.waitForTimeout(500)
    await shot(page, 'desk-phone-variants')
    assert.deepEqual(await violations(page), [])

    await part(page, 'desk-reject').click()
    await reached(page, 3)
    await part(page, 'desk-redo').click()
    await page.getByRole('dialog').last().getByRole('button', { name: '重做' }).click()
    await part(page, 'redo-add').waitFor({ state: 'detached' })
    await part(page, 'desk').getByRole('button', { name: '上一张' }).click()
    await page.locator('[data-test="desk-earlier"][data-state="succeeded"]').waitFor()
    const before = (await (await fetch(`${ADDRESS}/api/items/${id}-1`)).json()).result.url
    await part(page, 'desk-restore').click()
    await page.waitForTimeout(500)
    await shot(page, 'desk-phone-earlier')
    const now = await (await fetch(`${ADDRESS}/api/items/${id}-1`)).json()
    assert.deepEqual([now.earlier[0].url, now.state], [before, 'succeeded'])
    assert.notEqual(now.result.url, before)
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('the desk keeps the focus inside, and gives it back', async () => {
    const { page, context } = await made(2, { size: DESKTOP, language: 'en' })
    await part(page, 'review').focus()
    await page.keyboard.press('Enter')
    await part(page, 'desk').waitFor()
    for (let n = 0; n < 25; n += 1) {
      await page.keyboard.press('Tab')
      const inside = await page.evaluate(
        () => document.activeElement === document.body || !!document.activeElement.closest('dialog'),
      )
      assert.ok(inside)
    }
    await page.keyboard.press('Escape')
    await part(page, 'desk').waitFor({ state: 'detached' })
    assert.equal(await page.evaluate(() => document.activeElement.dataset.test), 'review')
    await context.close()
  })
})
