/** Pilots and duels as people meet them, before a provider that counts: no picture of a sample is made, or paid, twice. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { DESKTOP, PHONE, drop, inState, launch, openPage, part, photos, shot, ended } from './lib.mjs'
import { startFake, startStack } from './stack.mjs'

let browser, fake, stack
before(async () => {
  fake = await startFake('gemini_server')
  const keys = { GEMINI_API_KEY: 'test-key', GEMINI_BASE_URL: fake.url, GEMINI_CONCURRENCY: '4' }
  stack = await startStack({ ...keys, DEFAULT_PROVIDER: 'gemini' })
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await stack?.stop()
  await fake?.stop()
})

/** How often the provider was asked for a picture with these words. */
async function calls(words) {
  const log = await (await fetch(`${fake.url}/_log`)).json()
  return log.filter(({ prompt }) => prompt.includes(words)).length
}

async function violations(page) {
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`)
}

async function prepared(count, words, options) {
  const opened = await openPage(browser, { address: stack.address, ...options })
  await part(opened.page, 'prompt').waitFor() // before that nothing takes what is dropped
  await drop(opened.page, photos(count))
  await inState(opened.page, 'upload-tile', 'done')
    .nth(count - 1)
    .waitFor()
  await part(opened.page, 'prompt').fill(words)
  return opened
}
const bar = (page, state) => page.locator(`[data-test="pilot-bar"][data-state="${state}"]`)
const reads = (page, name, words) => part(page, name).filter({ hasText: words }).first().waitFor()

async function start(page) {
  await page.waitForFunction(() => document.querySelector('[data-test="start"]').ariaDisabled === 'false')
  await part(page, 'start').click()
}

describe('pilots', { timeout: 300_000 }, () => {
  for (const [name, size, dark] of [
    ['desk', DESKTOP, false],
    ['phone', PHONE, true],
  ]) {
    test(`a sample is made, looked at, and the rest approved; nothing is made twice (${name})`, async () => {
      const { page, context, problems } = await prepared(6, `garden ${name}`, { size, dark, language: 'en' })
      await part(page, 'pilot-on').check()
      await part(page, 'pilot-size').selectOption('2')
      await reads(page, 'pilot-price', 'sample about $0.07')
      await reads(page, 'quote-cost', 'About $0.20')
      await part(page, 'pilot-price').scrollIntoViewIfNeeded()
      await shot(page, `pilot-start-${name}`)
      assert.deepEqual(await violations(page), [])
      await start(page)

      await bar(page, 'review').waitFor()
      await reads(page, 'pilot-bar', '2 of 6 made, $0.07. 4 more wait for your word.')
      assert.equal(await calls(`garden ${name}`), 2)
      await page.locator('[data-test="result-tile"]', { hasText: 'Awaits approval' }).first().waitFor()
      const slider = part(page, 'sample').getByRole('slider').first()
      await slider.focus()
      await page.keyboard.press('Home')
      assert.equal(await slider.inputValue(), '0')
      await page.waitForTimeout(500)
      await bar(page, 'review').scrollIntoViewIfNeeded()
      await shot(page, `pilot-review-${name}`)
      assert.deepEqual(await violations(page), [])

      await page.reload()
      await part(page, 'pilot-approve').filter({ hasText: 'Approve 4 more for about $0.13' }).dblclick()
      await ended(page).waitFor({ state: 'attached' })
      assert.equal(await calls(`garden ${name}`), 6)
      assert.equal(await part(page, 'pilot-bar').count(), 0)
      assert.deepEqual(problems, [])
      await context.close()
    })
  }

  test('two tabs approve once, and chosen images are the sample', async () => {
    const { page, context, problems } = await prepared(4, 'two tabs', { language: 'zh-CN' })
    await part(page, 'pilot-on').check()
    await part(page, 'pilot-mode').selectOption('chosen')
    await page.getByText('请选择要先试的图片').waitFor()
    await part(page, 'pilot-image').nth(1).click()
    await part(page, 'pilot-image').nth(3).click()
    await reads(page, 'pilot-price', '样片约 $0.07')
    await shot(page, 'pilot-chosen')
    await start(page)
    await bar(page, 'review').waitFor()
    for (const index of [1, 3]) {
      await page.locator(`[data-test="result-tile"][data-index="${index}"][data-state="succeeded"]`).waitFor()
    }

    const tab = await context.newPage()
    await tab.goto(page.url())
    await bar(tab, 'review').waitFor()
    const press = () => document.querySelector('[data-test="pilot-approve"]')?.click()
    await Promise.all([page, tab].map((one) => one.evaluate(press))) // whoever is second may find it done
    await Promise.all([page, tab].map((one) => ended(one).waitFor({ state: 'attached' })))

    assert.equal(await calls('two tabs'), 4)
    assert.deepEqual(problems, [])
    await context.close()
  })
})

describe('a sample once more', { timeout: 300_000 }, () => {
  test('other words make the sample again, for the price that was told, and the rest is stopped', async () => {
    const { page, context, problems } = await prepared(5, 'first words', { language: 'en' })
    await part(page, 'pilot-on').check()
    await part(page, 'pilot-size').selectOption('1')
    await start(page)
    await bar(page, 'review').waitFor()
    const before = await part(page, 'sample').locator('img.after').getAttribute('src')

    await part(page, 'pilot-repeat').click()
    await part(page, 'repeat-prompt').fill('second words')
    await reads(page, 'repeat-quote', 'charged again, about $0.03')
    await part(page, 'repeat-model').selectOption({ label: 'Gemini 3 Pro Image (best quality)' })
    await reads(page, 'repeat-quote', 'charged again, about $0.14')
    await shot(page, 'pilot-repeat')
    assert.deepEqual(await violations(page), [])
    await page.getByRole('dialog').getByRole('button', { name: 'Make it again' }).click()

    await reads(page, 'pilot-bar', '1 of 5 made, $0.17.')
    assert.notEqual(await part(page, 'sample').locator('img.after').getAttribute('src'), before)
    assert.deepEqual([await calls('first words'), await calls('second words')], [1, 1])
    await part(page, 'pilot-stop').click()
    await bar(page, 'stopped').waitFor()
    await page.getByText('Sample only').first().waitFor()
    assert.deepEqual([await calls('first words'), await calls('second words')], [1, 1])
    assert.deepEqual(problems, [])
    await context.close()
  })
})

describe('duels', { timeout: 300_000 }, () => {
  for (const [name, size, dark, language] of [
    ['desk', DESKTOP, false, 'en'],
    ['phone', PHONE, true, 'zh-CN'],
  ]) {
    test(`contestants stand side by side and one makes the rest (${name})`, async () => {
      const { page, context, problems } = await prepared(4, `oil ${name}`, { size, dark, language })
      await part(page, 'contestant-add').click()
      assert.equal(await part(page, 'start').getAttribute('aria-disabled'), 'true') // the same as the first one
      await part(page, 'contestant-prompt').fill(`ink ${name}`)
      await part(page, 'contestant-add').click()
      await part(page, 'contestant-model')
        .last()
        .selectOption(JSON.stringify(['gemini', 'gemini-3-pro-image']))
      await part(page, 'pilot-size').selectOption('2')
      await reads(page, 'quote-cost', '$0.40')
      await shot(page, `duel-start-${name}`)
      assert.deepEqual(await violations(page), [])
      await start(page)
      await page.waitForURL(/duels/)

      await page.locator('[data-test="duel-column"][data-state="review"]').nth(2).waitFor()
      assert.equal(await inState(page, 'duel-item', 'succeeded').count(), 6)
      assert.deepEqual(await part(page, 'duel-cost').allInnerTexts(), ['$0.07', '$0.07', '$0.27'])
      assert.match(await part(page, 'duel-time').first().innerText(), /^\d+\.\d (s|秒)$/)
      assert.deepEqual([await calls(`oil ${name}`), await calls(`ink ${name}`)], [4, 2])
      await page.waitForTimeout(500)
      await shot(page, `duel-${name}`)
      await page.screenshot({ path: `${process.env.SHOTS}/duel-${name}-full.png`, fullPage: true })
      assert.deepEqual(await violations(page), [])

      const ink = page.locator('[data-test="duel-column"]', { hasText: `ink ${name}` })
      await ink.locator('[data-test="duel-choose"]').dblclick()
      await page.locator('[data-test="duel-column"].won[data-state="approved"]').waitFor()
      await page.locator('[data-test="duel-column"][data-state="stopped"]').nth(1).waitFor()
      await ink.getByRole('link').click()
      await ended(page).waitFor({ state: 'attached' })

      assert.deepEqual([await calls(`oil ${name}`), await calls(`ink ${name}`)], [4, 4])
      assert.deepEqual(problems, [])
      await context.close()
    })
  }

  test('a duel that is not there says so', async () => {
    const { page, context } = await openPage(browser, { address: stack.address, language: 'en', at: '/duels/nothing' })
    await page.getByText('This comparison was not found').waitFor()
    await context.close()
  })
})
