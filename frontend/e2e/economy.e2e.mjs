/** The economy lane as a person meets it: chosen with a time, watched, and moved to full price; the provider is a fake. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { DESKTOP, PHONE, inState, launch, openPage, part, shot } from './lib.mjs'
import { startFake, startStack } from './stack.mjs'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']
const BEFORE_S = 40 + 1 + 2 // a picture that was never measured, the margin, the wait for a cancel

let browser, gemini, stack
before(async () => {
  ;[browser, gemini] = await Promise.all([launch(), startFake('gemini_batch_server')])
  stack = await startStack({
    GEMINI_API_KEY: 'only-key-of-gemini-0001',
    GEMINI_BASE_URL: gemini.url,
    DEFAULT_PROVIDER: 'gemini',
    ECONOMY_POLL_SECONDS: '0.3',
    ECONOMY_CANCEL_SECONDS: '2',
    ECONOMY_MARGIN_SECONDS: '1',
    ECONOMY_SHORTEST_MINUTES: '0',
  })
})
after(() => Promise.all([stack?.stop(), gemini?.stop(), browser?.close()]))

const open = (more = {}) => openPage(browser, { language: 'en', ...more, address: stack.address })
const reads = (page, name, words) => part(page, name).filter({ hasText: words }).waitFor()

async function violations(page) {
  const { violations: found } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`)
}

async function json(page, path, body) {
  return page.evaluate(
    async ([where, sent]) => {
      const headers = { 'Content-Type': 'application/json' }
      const more = sent ? { method: 'POST', headers, body: JSON.stringify(sent) } : {}
      return (await fetch(where, more)).json()
    },
    [path, body],
  )
}

describe('the economy lane', { timeout: 240_000 }, () => {
  test('is quoted at half the price by a time, shows its job and deadline, and gives the pictures', async () => {
    await gemini.tell({ job_plan: ['hang'] })
    const { page, context, problems } = await open({ size: DESKTOP })
    await reads(page, 'quote-cost', 'About $0.03')
    await part(page, 'lane-economy').check()
    await reads(page, 'quote-cost', 'About $0.02')
    await part(page, 'preset-tomorrow').click()
    await reads(page, 'quote-pictures', /1 picture · by .*09:00/)
    await part(page, 'full-price-ok').check()
    await reads(page, 'quote-cost', 'About $0.02–$0.03')
    await part(page, 'variants-more').click()
    await reads(page, 'quote-cost', 'About $0.03–$0.07')
    assert.deepEqual(await violations(page), [])
    await shot(page, 'economy-choice')

    await part(page, 'prompt').fill('a red kite')
    await part(page, 'start').click()
    await reads(page, 'economy', 'Economy')
    await reads(page, 'economy', /by .*09:00/)
    await reads(page, 'economy', 'left')
    await reads(page, 'economy', '$0.03 to $0.07 in all')
    await reads(page, 'economy-jobs', /1 job: (in line|running) for/)
    assert.deepEqual(await violations(page), [])
    await shot(page, 'economy-running')
    const id = new URL(page.url()).searchParams.get('batch')
    const batch = await json(page, `/api/batches/${id}`)
    assert.deepEqual([batch.lane, batch.economy.full_price_ok, batch.economy.jobs.length], ['economy', true, 1])

    await gemini.tell({ finish: true })
    await inState(page, 'result-tile', 'succeeded').nth(1).waitFor()
    await part(page, 'economy-jobs').waitFor({ state: 'detached' })
    const { cost } = await json(page, `/api/batches/${id}`)
    assert.equal(cost.settled_micros, 2 * 16_800)
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('is kept through a reload, and asks for a time', async () => {
    const { page, context } = await open()
    await part(page, 'lane-economy').check()
    await part(page, 'prompt').fill('kept')
    await part(page, 'needed-by').fill('')
    await page.getByText('Choose the time by which you need the pictures.').waitFor()
    assert.equal(await part(page, 'start').getAttribute('aria-disabled'), 'true')
    await part(page, 'preset-day').click()
    await page.getByText('Choose the time by which you need the pictures.').waitFor({ state: 'detached' })
    await page.waitForTimeout(600)
    await page.reload()
    assert.equal(await part(page, 'lane-economy').isChecked(), true)
    assert.notEqual(await part(page, 'needed-by').inputValue(), '')
    await context.close()
  })

  test('says in Chinese on a phone what went on at full price to be there in time', async () => {
    await gemini.tell({ job_plan: ['hang'] })
    const { page, context, problems } = await open({ size: PHONE, language: 'zh-CN', dark: true })
    const batch = await json(page, '/api/batches', {
      prompt: '红风筝',
      provider: 'gemini',
      items: [{}],
      lane: 'economy',
      needed_by: new Date(Date.now() + (BEFORE_S + 12) * 1000).toISOString(),
      full_price_ok: true,
    })
    await page.goto(`${stack.address}/?batch=${batch.id}`)
    await reads(page, 'economy', '经济通道')
    await reads(page, 'economy-moved', '1 张改为原价生成')
    await inState(page, 'result-tile', 'succeeded').waitFor()
    await shot(page, 'economy-moved')
    assert.deepEqual(await violations(page), [])
    const { cost, economy } = await json(page, `/api/batches/${batch.id}`)
    assert.deepEqual([cost.settled_micros, cost.possibly_paid_micros, economy.moved], [33_600, 0, 1])
    assert.deepEqual(problems, [])
    await context.close()
  })
})
