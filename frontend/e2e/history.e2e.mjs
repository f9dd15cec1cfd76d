/** Earlier work: searched, made again from what it was made from, deleted with time to think again. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  ADDRESS,
  DESKTOP,
  PHONE,
  drop,
  inState,
  launch,
  openPage,
  part,
  photos,
  shot,
  violations,
  ended,
} from './lib.mjs'
import { surprises } from './team.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const rowOf = (page, name) => part(page, 'task-row').filter({ hasText: name })

async function made(page, prompt, files = photos(2)) {
  await drop(page, files)
  await inState(page, 'upload-tile', 'done')
    .nth(files.length - 1)
    .waitFor()
  await part(page, 'prompt').fill(prompt)
  await part(page, 'start').click()
  await ended(page).waitFor({ state: 'attached', timeout: 60_000 })
}

async function choose(page, row, word) {
  await row.locator('[data-test="task-menu"]').click()
  await page.getByRole('menuitem', { name: word, exact: true }).click()
}

describe('earlier work', { timeout: 240_000 }, () => {
  test('is found by words in any order, and told with the room that it takes', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en' })
    await made(page, 'a velvet curtain behind it')
    await page.goto(`${ADDRESS}/tasks`)
    await part(page, 'disk-use').waitFor()
    await part(page, 'task-search').fill('curtain VELVET')
    await rowOf(page, 'velvet')
      .getByText(/\d+ [kM]B/)
      .waitFor()
    await part(page, 'task-search').fill('velvet nothing')
    await rowOf(page, 'velvet').waitFor({ state: 'detached' })
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('fills the workspace again: images, words, settings; and what was there comes back', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en' })
    await made(page, 'under a paper moon', photos(3))
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
    await drop(page, photos(1))
    await inState(page, 'upload-tile', 'done').first().waitFor()
    await part(page, 'prompt').fill('something else that was begun')
    await page.goto(`${ADDRESS}/tasks`)
    await choose(page, rowOf(page, 'paper moon').first(), 'Reuse')

    await page.waitForFunction(() => document.querySelectorAll('[data-test="upload-tile"]').length === 3)
    assert.equal(await part(page, 'prompt').inputValue(), 'under a paper moon')
    await shot(page, 'history-reused')
    await page.reload()
    await inState(page, 'upload-tile', 'done').nth(2).waitFor() // it is a draft like any other

    await page.goto(`${ADDRESS}/tasks`)
    await choose(page, rowOf(page, 'velvet').first(), 'Reuse')
    await page.waitForFunction(() => document.querySelectorAll('[data-test="upload-tile"]').length === 2)
    await part(page, 'undo').click()
    await page.waitForFunction(() => document.querySelectorAll('[data-test="upload-tile"]').length === 3)
    assert.equal(await part(page, 'prompt').inputValue(), 'under a paper moon')
    await part(page, 'undo-bar').waitFor({ state: 'detached' })
    assert.deepEqual(surprises(problems), []) // images in use are not deleted when the list is cleared
    await context.close()
  })

  test('is deleted at once in every tab, and brought back in every tab', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en' })
    await made(page, 'soon to be deleted')
    await page.goto(`${ADDRESS}/tasks`)
    const other = await context.newPage()
    await other.goto(`${ADDRESS}/tasks`)
    await rowOf(other, 'soon to be').waitFor()
    await choose(page, rowOf(page, 'soon to be'), 'Delete')
    await rowOf(page, 'soon to be').waitFor({ state: 'detached' })
    await rowOf(other, 'soon to be').waitFor({ state: 'detached' })
    await shot(page, 'history-deleted-desk')
    assert.deepEqual(await violations(page), [])

    await part(page, 'undo').click()
    await rowOf(page, 'soon to be').waitFor()
    await rowOf(other, 'soon to be').waitFor()
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('is deleted from its own page too, and the bar fits a phone in Chinese and the dark', async () => {
    const { page, context, problems } = await openPage(browser, { size: PHONE, dark: true })
    await page.goto(`${ADDRESS}/tasks`)
    await rowOf(page, 'soon to be').locator('.name').click()
    await part(page, 'delete').click()
    await part(page, 'undo-bar').waitFor()
    await rowOf(page, 'soon to be').waitFor({ state: 'detached' })
    await shot(page, 'history-deleted-phone')
    assert.deepEqual(await violations(page), [])
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width)
    await page.setViewportSize(DESKTOP)
    await shot(page, 'history-tasks-dark')
    assert.deepEqual(problems, [])
    await context.close()
  })
})
