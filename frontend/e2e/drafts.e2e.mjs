/** A draft survives: a reload, a page that crashes, a browser that is killed, images that were still on their way. */
import assert from 'node:assert/strict'
import { mkdtemp, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ADDRESS, drop, inState, keep, launch, openPage, part, photos } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const tiles = (page) => part(page, 'upload-tile')
const done = (page, count) =>
  inState(page, 'upload-tile', 'done')
    .nth(count - 1)
    .waitFor()

async function prepare(page) {
  await drop(page, photos(3))
  await done(page, 3)
  await part(page, 'prompt').fill('a draft worth keeping')
  await page.waitForTimeout(1500) // what is typed is kept within a second
}

async function isThere(page) {
  await done(page, 3)
  assert.equal(await part(page, 'prompt').inputValue(), 'a draft worth keeping')
}

describe('a draft', { timeout: 240_000 }, () => {
  test('survives a reload and a page that crashes', async () => {
    const { page, context } = await openPage(browser, { language: 'en' })
    await prepare(page)
    await page.reload()
    await isThere(page)
    const crashed = page.waitForEvent('crash')
    page.goto('chrome://crash').catch(() => undefined)
    await crashed
    const next = await context.newPage()
    await next.goto(ADDRESS)
    await isThere(next)
    await context.close()
  })

  test('survives a browser that is killed', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'browser-'))
    const first = await keep(folder)
    const page = first.pages()[0]
    await page.goto(ADDRESS)
    await prepare(page)
    await page.waitForTimeout(8000) // Chromium writes what pages keep every few seconds
    const pid = Number((await readlink(path.join(folder, 'SingletonLock'))).split('-').at(-1))
    const closed = new Promise((resolve) => first.on('close', resolve))
    process.kill(pid, 'SIGKILL')
    await closed
    await rm(path.join(folder, 'SingletonLock'), { force: true })
    const second = await keep(folder)
    await second.pages()[0].goto(ADDRESS)
    await isThere(second.pages()[0])
    await second.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('has its images also where they were still on their way, once, whatever another tab does', async () => {
    const { page, context } = await openPage(browser, { language: 'en' })
    await page.route('**/api/uploads', () => undefined) // no answer comes
    await drop(page, photos(3))
    await inState(page, 'upload-tile', 'uploading').nth(2).waitFor()
    await page.waitForTimeout(500)
    const other = await context.newPage()
    await other.goto(ADDRESS)
    await part(other, 'prompt').waitFor()
    await other.waitForTimeout(1000)
    assert.equal(await tiles(other).count(), 0) // they are the first tab's as long as it is there
    await other.close()
    page.on('dialog', (dialog) => void dialog.accept())
    const crashed = page.waitForEvent('crash')
    page.goto('chrome://crash').catch(() => undefined)
    await crashed
    await page.close()
    const next = await context.newPage()
    await next.goto(ADDRESS)
    await done(next, 3)
    await next.waitForTimeout(1500)
    await next.reload()
    await done(next, 3)
    assert.equal(await tiles(next).count(), 3)
    await context.close()
  })
})
