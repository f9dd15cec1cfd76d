/** Tasks, one batch by its link, the viewer; and that nobody is shut out: axe, both themes, the keyboard. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ADDRESS, DESKTOP, PHONE, inState, launch, openPage, part, shot, violations } from './lib.mjs'

let browser
let batch
before(async () => {
  browser = await launch()
  const body = {
    name: 'Shoes',
    prompt: 'red shoes',
    items: [{ name: 'a' }, { name: 'b', prompt: '[fail:blocked]' }, {}],
  }
  const answer = await fetch(`${ADDRESS}/api/batches`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  batch = (await answer.json()).id
})
after(() => browser.close())

const VIEWS = [
  { name: 'workspace', at: () => '/', ready: 'start' },
  { name: 'tasks', at: () => '/tasks', ready: 'task-row' },
  { name: 'status', at: () => '/status', ready: 'status-parts' },
  { name: 'batch', at: () => `/batches/${batch}`, ready: 'failure-group' },
  { name: 'notices', at: () => '/notifications', ready: 'notice-form' },
]
const LOOKS = [
  { name: 'desk-light', size: DESKTOP, dark: false, language: 'zh-CN' },
  { name: 'desk-dark', size: DESKTOP, dark: true, language: 'en' },
  { name: 'phone-dark', size: PHONE, dark: true, language: 'zh-CN' },
]

describe('pages', { timeout: 240_000 }, () => {
  for (const look of LOOKS) {
    for (const view of VIEWS) {
      test(`${view.name} ${look.name} has no violation`, async () => {
        const { page, context, problems } = await openPage(browser, { ...look, at: view.at() })
        await part(page, view.ready).first().waitFor()
        await page.waitForTimeout(500)
        await shot(page, `${view.name}-${look.name}`)
        assert.deepEqual(await violations(page), [])
        assert.deepEqual(problems, [])
        await context.close()
      })
    }
  }

  test('the viewer opens by keyboard, goes through the pictures and gives the focus back', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en', at: `/batches/${batch}` })
    const tile = inState(page, 'result-tile', 'succeeded').first()
    await tile.waitFor()
    await tile.focus()
    await page.keyboard.press('Enter')
    await part(page, 'viewer').waitFor()
    await page.waitForTimeout(500)
    await shot(page, 'viewer-desk-light')
    assert.deepEqual(await violations(page), [])
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Escape')
    await part(page, 'viewer').waitFor({ state: 'detached' })
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('data-test'))
    assert.equal(focused, 'result-tile')
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('a task is found by a word, renamed in one tab and gone from the other when it is deleted', async () => {
    const { page, context } = await openPage(browser, { language: 'en', at: '/tasks' })
    await part(page, 'task-row').first().waitFor()
    await part(page, 'task-search').fill('no such thing')
    await part(page, 'task-row').first().waitFor({ state: 'detached' })
    await part(page, 'task-search').fill('shoes')
    await part(page, 'task-row').filter({ hasText: 'Shoes' }).first().waitFor()
    await fetch(`${ADDRESS}/api/batches/${batch}`, { method: 'DELETE' })
    await part(page, 'task-row').filter({ hasText: 'Shoes' }).first().waitFor({ state: 'detached' })
    await context.close()
  })

  test('an address that leads nowhere says so', async () => {
    const { page, context } = await openPage(browser, { language: 'en', at: '/batches/bnothing' })
    await part(page, 'batch-absent').getByRole('link').waitFor()
    await page.goto(`${ADDRESS}/nowhere`)
    await page.getByRole('main').getByRole('link').first().waitFor()
    await context.close()
  })
})
