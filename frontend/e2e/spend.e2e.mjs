/** Spending: the line near Start, the refusal in place, the page with its sums, the table, budgets. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { ADDRESS, DESKTOP, PHONE, launch, openPage, part, shot } from './lib.mjs'

const PRICE = 20_000 // of a picture from words alone, by Doubao's default model

let browser
before(async () => (browser = await launch()))
after(() => browser.close())

async function api(path, method = 'GET', body = undefined) {
  const headers = { 'Content-Type': 'application/json', 'Accept-Language': 'en' }
  const answer = await fetch(ADDRESS + path, { method, headers, body: body && JSON.stringify(body) })
  return { status: answer.status, told: await answer.json() }
}

const setBudget = (payer, micros) => api(`/api/budgets/${payer}`, 'PUT', { monthly_micros: micros })
const submit = (count) => api('/api/batches', 'POST', { prompt: 'p', provider: 'doubao', items: Array(count).fill({}) })

async function choose(page, provider, prompt) {
  await page.locator('textarea').first().fill(prompt)
  await page.locator('.el-select').first().click()
  await page.getByRole('option', { name: provider }).click()
}

describe('spend', { timeout: 240_000 }, () => {
  test('over the budget: warned beside Start, refused in place with the figures, and on again when it is raised', async () => {
    const { user } = (await api('/api/money')).told
    const spent = user.settled_micros + user.possibly_paid_micros + user.held_micros // by the tests before
    await setBudget('local', spent + PRICE - 1)
    const { page, context } = await openPage(browser, { language: 'en' })
    await choose(page, /Doubao/, 'a red shoe')
    const warned = part(page, 'quote-notes').filter({ hasText: 'of your budget is left' })
    await warned.waitFor()
    assert.match(await warned.innerText(), /This needs up to \$0\.02; \$0\.02 of your budget is left this month/)
    await shot(page, 'over-budget')
    await part(page, 'start').click()
    const alert = page.getByRole('alert').filter({ hasText: 'Over the budget' })
    await alert.waitFor()
    assert.match(await alert.innerText(), /\$0\.02.*ask your admin/s)

    await setBudget('local', 90_000_000)
    await page.reload()
    await part(page, 'budget-line').waitFor()
    const line = await part(page, 'budget-line').innerText()
    assert.match(line, /This month: \$\d+\.\d+ of \$90\.00, \$0\.00 held/)
    await part(page, 'start').click()
    await page.waitForFunction(
      ([at, was]) => document.querySelector(at)?.textContent.trim() !== was,
      ['[data-test="budget-line"]', line],
    )
    await context.close()
  })

  test('the page shows the month, the sums, the ledger, and hands out the table', async () => {
    await setBudget('local', null)
    await setBudget('team', 50_000_000)
    assert.equal((await submit(2)).status, 202)
    for (const [name, size, dark] of [
      ['desk-light', DESKTOP, false],
      ['phone-dark', PHONE, true],
    ]) {
      const { page, context, problems } = await openPage(browser, { language: 'en', at: '/spend', size, dark })
      await part(page, 'total-team').waitFor()
      await part(page, 'budget-team').waitFor()
      await page.waitForTimeout(500)
      await shot(page, `spend-${name}`)
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze()
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target).join(' ')}`),
        [],
      )
      assert.deepEqual(problems, [])
      await context.close()
    }
    const { page, context } = await openPage(browser, { language: 'en', at: '/spend' })
    const download = page.waitForEvent('download')
    await part(page, 'ledger-csv').click()
    assert.match(readFileSync(await (await download).path(), 'utf8'), /^\uFEFFtime,user,/)
    const field = part(page, 'budget-team').getByRole('textbox')
    await field.fill('75.5')
    await part(page, 'budget-team').getByRole('button').click()
    await part(page, 'total-team').filter({ hasText: 'of $75.50' }).waitFor()
    assert.equal((await api('/api/budgets')).told[0].monthly_micros, 75_500_000)
    await part(page, 'month-before').click()
    await page.getByText('Nothing was spent in this month.').first().waitFor()
    await context.close()
  })
})
