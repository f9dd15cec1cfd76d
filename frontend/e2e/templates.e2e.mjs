/** Prompts that are kept: by one for the team, used by another, changed, deleted; and those of earlier batches. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { DESKTOP, PHONE, launch, part, shot, unhindered } from './lib.mjs'
import { startTeam, surprises } from './team.mjs'

let browser, team, lin
before(async () => {
  browser = await launch()
  team = await startTeam()
  lin = await team.member('lin', 'Lin')
})
after(async () => {
  await browser?.close()
  await team?.stop()
})

const rows = (page) => part(page, 'template-row')

describe('templates', { timeout: 240_000 }, () => {
  test('one keeps a prompt for the team, another makes a picture of it and can take it back', async () => {
    const ada = await team.enter(browser, 'ada')
    assert.equal(await part(ada.page, 'template-keep').count(), 0) // there is nothing to keep yet
    await part(ada.page, 'prompt').fill('a {colour} chair before a grey wall')
    await part(ada.page, 'template-keep').click()
    await part(ada.page, 'field-template-name').fill('Chairs')
    await part(ada.page, 'template-shared').check()
    await unhindered(ada.page, 'keeping a template')
    await shot(ada.page, 'templates-keep')
    await ada.page.keyboard.press('Enter')
    await rows(ada.page).filter({ hasText: 'Chairs' }).waitFor()
    assert.deepEqual(surprises(ada.problems), [])
    await ada.context.close()

    const { page, context, problems } = await team.enter(browser, 'lin')
    await part(page, 'prompt').fill('words of my own')
    await part(page, 'templates-open').click()
    await rows(page).getByText('Team · ada').waitFor()
    assert.equal(await part(page, 'template-delete').count(), 0) // it is not hers
    await part(page, 'field-template-search').fill('CHAIR wall')
    await page.keyboard.press('ArrowDown')
    await page.waitForFunction(() => document.activeElement?.dataset.test === 'template-use')
    await page.keyboard.press('Enter')
    await part(page, 'templates').waitFor({ state: 'detached' })
    assert.equal(await part(page, 'prompt').inputValue(), 'a {colour} chair before a grey wall')
    await part(page, 'variable-chip').filter({ hasText: 'colour' }).waitFor()
    await part(page, 'undo').click()
    assert.equal(await part(page, 'prompt').inputValue(), 'words of my own')
    assert.deepEqual(surprises(problems), [])
    await context.close()
  })

  test('prompts of earlier batches come back by the first letters and Enter', async () => {
    for (const prompt of ['a red kite', 'a blue kite', 'a red kite'])
      await lin('POST', '/api/batches', { prompt, items: [{}], provider: 'demo' })
    const { page, context, problems } = await team.enter(browser, 'lin', { size: PHONE, dark: true })
    await part(page, 'templates-open').click()
    await part(page, 'templates-history').click()
    await rows(page).nth(1).waitFor()
    assert.deepEqual(await rows(page).allInnerTexts(), ['a red kite', 'a blue kite']) // each once, the newest first
    await unhindered(page, 'earlier prompts')
    await shot(page, 'templates-history-phone')
    await part(page, 'field-template-search').fill('blue')
    await page.keyboard.press('Enter')
    await part(page, 'templates').waitFor({ state: 'detached' })
    assert.equal(await part(page, 'prompt').inputValue(), 'a blue kite')
    assert.deepEqual(surprises(problems), [])
    await context.close()
  })

  test('its keeper changes it and deletes it by a second press', async () => {
    const { page, context, problems } = await team.enter(browser, 'ada', {
      language: 'zh-CN',
      dark: true,
      size: DESKTOP,
    })
    await part(page, 'templates-open').click()
    await part(page, 'template-edit').click()
    await part(page, 'field-template-name').fill('椅子')
    await part(page, 'template-prompt').fill('一把椅子')
    await page.getByRole('dialog').getByRole('button', { name: '保存' }).click()
    await rows(page).filter({ hasText: '椅子' }).waitFor()
    await unhindered(page, 'templates')
    await shot(page, 'templates-list-dark')
    await part(page, 'template-delete').click()
    await part(page, 'template-delete-yes').click()
    await rows(page).waitFor({ state: 'detached' })
    await shot(page, 'templates-empty')
    assert.deepEqual(surprises(problems), [])
    await context.close()
  })
})
