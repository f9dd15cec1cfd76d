/** Prompts with variables by hand: a table is dropped, what is missing is named, and every picture has its own words. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { ADDRESS, DESKTOP, PHONE, drop, inState, launch, openPage, part, photos, shot } from './lib.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const csv = (rows) => ({ name: 'words.csv', data: Buffer.from(rows.map((row) => row.join(',')).join('\r\n')) })
const cell = (page, row, column) => page.locator(`[data-cell="${row}:${column}"]`)
const reasons = (page) => page.locator('#start-reasons')

async function violations(page) {
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`)
}

/** The prompts of the batch that the page shows. */
async function promptsOf(page) {
  await page.waitForURL(/batch=/)
  const id = new URL(page.url()).searchParams.get('batch')
  const answer = await fetch(`${ADDRESS}/api/batches/${id}/items?limit=200`)
  return (await answer.json()).items.map(({ name, prompt }) => [name, prompt])
}

async function pasteInto(target, text) {
  await target.focus()
  await target.evaluate((element, words) => {
    const data = new DataTransfer()
    data.setData('text/plain', words)
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, text)
}

const LOOKS = [
  { name: 'desk-light', size: DESKTOP, dark: false, language: 'zh-CN', lacks: '第 3 行缺少“mood”的值。' },
  { name: 'desk-dark', size: DESKTOP, dark: true, language: 'en', lacks: 'Row 3: “mood” has no value.' },
  { name: 'phone-light', size: PHONE, dark: false, language: 'en', lacks: 'Row 3: “mood” has no value.' },
  { name: 'phone-dark', size: PHONE, dark: true, language: 'zh-CN', lacks: '第 3 行缺少“mood”的值。' },
]

describe('variables', { timeout: 240_000 }, () => {
  for (const { name, lacks, ...look } of LOOKS) {
    test(`from a dropped table to pictures with their own words, ${name}`, async () => {
      const { page, context, problems } = await openPage(browser, look)
      const files = photos(3)
      const rows = [
        ['file', 'colour', 'mood'],
        ...files.map((file, i) => [file.name.toUpperCase(), ['red', 'blue', '绿'][i], ['calm', 'loud', ''][i]]),
      ]
      await drop(page, [...files, csv(rows)])
      await inState(page, 'upload-tile', 'done').nth(2).waitFor()
      await part(page, 'variable-table').waitFor()
      await part(page, 'prompt').fill('{colour} and {mood}, ')
      await part(page, 'insert-filename').click()

      await reasons(page).getByText(lacks).waitFor()
      await part(page, 'start').click({ force: true }) // it says why not instead
      assert.doesNotMatch(page.url(), /batch=/)
      await part(page, 'variable-chip').filter({ hasText: 'mood' }).click()
      await page.waitForFunction(() => document.activeElement?.dataset.cell === '2:1')
      await page.waitForTimeout(300)
      await shot(page, `variables-${name}-1-missing`)
      assert.deepEqual(await violations(page), [])

      await page.keyboard.type('soft')
      await reasons(page).waitFor({ state: 'detached' })
      await part(page, 'preview-next').click()
      await part(page, 'preview-next').click()
      await part(page, 'preview').getByText('绿 and soft').waitFor()
      await shot(page, `variables-${name}-2-filled`)
      await page.waitForTimeout(900)
      await page.reload()
      await part(page, 'preview').getByText('red and calm').waitFor()

      await part(page, 'start').click()
      const stems = files.map((file) => file.name.replace(/\.\w+$/, ''))
      assert.deepEqual(
        (await promptsOf(page)).map(([, prompt]) => prompt),
        [`red and calm, ${stems[0]}`, `blue and loud, ${stems[1]}`, `绿 and soft, ${stems[2]}`],
      )
      await inState(page, 'result-tile', 'succeeded').nth(2).waitFor()
      assert.deepEqual(problems, [])
      await context.close()
    })
  }
})

describe('rows', { timeout: 240_000 }, () => {
  test('cells are filled by keyboard and by pasting, rows without images are pictures from text', async () => {
    const { page, context, problems } = await openPage(browser, { language: 'en' })
    await part(page, 'prompt').fill('a {thing} in {place}')
    await pasteInto(cell(page, 0, 0), 'boat\tthe sea\ncar\tParis\ntree\t\n')
    await part(page, 'variable-row').nth(2).waitFor()
    await cell(page, 2, 1).fill('a park')
    await cell(page, 0, 1).focus()
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.activeElement?.dataset.cell === '1:1')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('Rome')
    await part(page, 'start').click()

    assert.deepEqual(
      (await promptsOf(page)).map(([, prompt]) => prompt),
      ['a boat in the sea', 'a car in Rome', 'a tree in a park'],
    )
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('a table whose images are missing makes nothing until they come or text is meant', async () => {
    const { page, context } = await openPage(browser, { language: 'en' })
    const [file] = photos(1)
    await part(page, 'prompt').fill('{c}')
    await part(page, 'paste-table').click()
    await part(page, 'pasted-table').fill(`file\tc\n${file.name}\tred\nnowhere.jpg\tblue`)
    await page.getByRole('button', { name: 'Use it' }).click()
    await reasons(page).getByText('2 rows of the table have no image here').waitFor()

    await drop(page, [file])
    await inState(page, 'upload-tile', 'done').waitFor()
    await part(page, 'waiting-rows').getByText('1 row has no image here').waitFor()
    await part(page, 'start').click()
    assert.deepEqual(await promptsOf(page), [[file.name, 'red']])

    await part(page, 'make-text').click()
    await part(page, 'waiting-rows').waitFor({ state: 'detached' })
    await page.getByText('2 pictures').first().waitFor()
    await context.close()
  })

  test('a thousand rows stay quick, and the last can be reached', async () => {
    const { page, context } = await openPage(browser, { language: 'en' })
    const rows = [['n', 'c'], ...Array.from({ length: 1000 }, (_, n) => [n + 1, n === 999 ? '' : `colour ${n + 1}`])]
    await part(page, 'prompt').fill('{n} {c}')
    await drop(page, [csv(rows)])
    await reasons(page).getByText('Row 1000: “c” has no value.').waitFor()
    assert.ok((await part(page, 'variable-row').count()) < 40)
    await part(page, 'variable-chip').filter({ hasText: '{c}' }).click()
    await page.waitForFunction(() => document.activeElement?.dataset.cell === '999:1')
    await page.keyboard.type('white')
    await reasons(page).waitFor({ state: 'detached' })
    await page.getByText('1000 pictures').first().waitFor()
    await context.close()
  })

  test('a file that is no table says so where it was dropped', async () => {
    const { page, context } = await openPage(browser, { language: 'en' })
    await drop(page, [{ name: 'words.xlsx', data: Buffer.from('PK\x03\x04 nothing') }])
    await part(page, 'table-problem').getByText('cannot be read').waitFor()
    await context.close()
  })
})
