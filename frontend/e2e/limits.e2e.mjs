/** Keys that are refused, speed limits and going on elsewhere, as a person meets them; the providers are fakes. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { DESKTOP, PHONE, inState, launch, openPage, part, shot } from './lib.mjs'
import { startFake, startStack } from './stack.mjs'

const KEYS = ['first-key-of-gemini-0001', 'second-key-of-gemini-0002']
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']

let browser, gemini, doubao, stack
before(async () => {
  ;[browser, gemini, doubao] = await Promise.all([launch(), startFake('gemini_server'), startFake('doubao_server')])
  stack = await startStack({
    GEMINI_API_KEY: KEYS.join(),
    GEMINI_BASE_URL: gemini.url,
    DOUBAO_API_KEY: 'only-key-of-doubao-0003',
    DOUBAO_BASE_URL: `${doubao.url}/api/v3`,
    DEFAULT_PROVIDER: 'demo',
  })
})
after(() => Promise.all([stack?.stop(), gemini?.stop(), doubao?.stop(), browser?.close()]))

const open = (more = {}) => openPage(browser, { language: 'en', ...more, address: stack.address })
const row = (page, words) => part(page, 'status-row').filter({ hasText: words })

async function choose(page, name, words) {
  await part(page, name).click()
  await page.getByRole('option', { name: words, exact: true }).click()
}

async function startOne(page, prompt) {
  await part(page, 'prompt').fill(prompt)
  await part(page, 'start').click()
}

async function violations(page) {
  const { violations: found } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`)
}

describe('limits', { timeout: 240_000 }, () => {
  test('a refused key is named by its end on the status page, and the other one makes the picture', async () => {
    const { page, context, problems } = await open({ at: '/status' })
    await row(page, '…0002').and(page.locator('[data-tone="ok"]')).waitFor()
    assert.equal(await page.locator('[data-test="status-row"][data-tone="bad"]').count(), 0)

    await gemini.plan('key_invalid')
    const tab = await context.newPage()
    await tab.goto(stack.address)
    await choose(tab, 'provider', 'Google Gemini')
    await startOne(tab, 'a red kite')
    await inState(tab, 'result-tile', 'succeeded').waitFor()

    const refused = page.locator('[data-test="status-row"][data-tone="bad"]') // it refreshes by itself
    await refused.waitFor()
    assert.match(await refused.innerText(), /Key \d: …000[12]\s+Refused by the provider/)
    assert.ok(!(await page.content()).includes(KEYS[0].slice(0, -4)))
    assert.deepEqual(await violations(page), [])
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('the policy is offered where there is another provider, and is kept', async () => {
    const { page, context } = await open()
    await part(page, 'provider').waitFor()
    assert.equal(await part(page, 'policy').count(), 0) // nothing goes away from the demo
    await choose(page, 'provider', 'Google Gemini')
    await choose(page, 'policy', 'Go on elsewhere at no higher price')
    await part(page, 'prompt').fill('kept')
    await page.waitForTimeout(600)
    await page.reload()
    await part(page, 'policy').filter({ hasText: 'at no higher price' }).waitFor()
    await shot(page, 'policy-desk')
    assert.deepEqual(await violations(page), [])
    await context.close()
  })

  test('a picture that another provider made says who made it and why', async () => {
    const { page, context, problems } = await open()
    await gemini.plan('not_found')
    await choose(page, 'provider', 'Google Gemini')
    await choose(page, 'policy', 'Go on elsewhere at no higher price')
    await startOne(page, 'a blue kite')
    await inState(page, 'result-tile', 'succeeded').waitFor()

    const words = await part(page, 'moved-mark').getAttribute('title')
    assert.match(words, /^Made by .*Doubao.* because Google Gemini: Model gone$/)
    await shot(page, 'moved-desk')
    await inState(page, 'result-tile', 'succeeded').focus()
    await page.keyboard.press('Enter')
    await part(page, 'moved').waitFor()
    assert.equal(await part(page, 'moved').innerText(), words)
    await shot(page, 'moved-viewer')
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'a blue kite' }).click()
    await page.getByRole('definition').filter({ hasText: 'Go on elsewhere at no higher price' }).waitFor()
    const others = problems.filter((problem) => !problem.includes('422')) // a quote for the model that has just gone
    assert.deepEqual(others, [])
    await context.close()
  })

  test('a speed limit is told with the time when it goes on, and on the status page too', async () => {
    const { page, context, problems } = await open()
    await gemini.plan('rate_long')
    await choose(page, 'provider', 'Google Gemini')
    await startOne(page, 'a green kite')
    await part(page, 'hold').waitFor()
    assert.match(await part(page, 'hold').innerText(), /^Speed limit reached; goes on at \d\d:\d\d:\d\d \(in \d/)
    await shot(page, 'hold-desk')
    assert.deepEqual(await violations(page), [])
    await page.getByRole('link', { name: 'Status' }).click()
    await row(page, 'At its speed limit; goes on at').waitFor()
    await shot(page, 'status-held-desk')
    assert.deepEqual(problems, [])
    await context.close()
  })
})

describe('the status page with keys at rest', { timeout: 120_000 }, () => {
  for (const [name, look] of [
    ['desk-dark', { size: DESKTOP, dark: true }],
    ['phone', { size: PHONE, language: 'zh-CN' }],
    ['phone-dark-en', { size: PHONE, dark: true }],
  ]) {
    test(`has no violation: ${name}`, async () => {
      const { page, context, problems } = await open({ ...look, at: '/status' })
      await page.locator('[data-test="status-row"][data-tone="bad"]').waitFor()
      await shot(page, `status-held-${name}`)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      assert.ok(wide <= 0)
      assert.deepEqual(await violations(page), [])
      assert.deepEqual(problems, [])
      await context.close()
    })
  }
})
