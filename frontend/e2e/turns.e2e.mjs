/** The board of the queue: whose turn is when, to everybody as far as they may see. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PHONE, launch, part, shot, unhindered } from './lib.mjs'
import { startTeam } from './team.mjs'

let browser
let team
let lin
let mo
before(async () => {
  browser = await launch()
  team = await startTeam({ DEMO_CONCURRENCY: '1', DEMO_LATENCY_SECONDS: '2' })
  lin = await team.member('lin', 'Lin')
  mo = await team.member('mo', 'Mo')
})
after(async () => {
  await browser?.close()
  await team?.stop()
})

describe('the board', { timeout: 240_000 }, () => {
  test('tells each where they stand, and of others what they may know', async () => {
    const items = Array.from({ length: 40 }, () => ({}))
    await lin('POST', '/api/batches', { name: 'Secret spring', prompt: 'p', items })
    const shared = await lin('POST', '/api/batches', { name: 'Shared spring', prompt: 'p', items })
    await lin('PUT', `/api/batches/${shared.id}/sharing`, { team: true })
    await mo('POST', '/api/batches', { name: 'Of Mo', prompt: 'p', items })

    const { page, context } = await team.enter(browser, 'mo', { at: '/tasks' })
    await part(page, 'to-turns').click()
    await part(page, 'turn').nth(2).waitFor()
    const words = await part(page, 'board').innerText()
    assert.match(words, /Shared spring\s+Lin/)
    assert.match(words, /Of Mo\s+You/)
    assert.match(words, /Somebody else’s/)
    assert.doesNotMatch(words, /Secret/)
    await part(page, 'board')
      .getByText(/each, as measured/)
      .waitFor({ timeout: 20_000 })
    await shot(page, 'turns-desk')
    await unhindered(page, 'turns')
    await context.close()
  })

  test('fits a phone in Chinese and the dark', async () => {
    const looks = { at: '/turns', size: PHONE, dark: true, language: 'zh-CN' }
    const { page, context } = await team.enter(browser, 'lin', looks)
    await part(page, 'turn').nth(2).waitFor()
    await shot(page, 'turns-phone')
    await unhindered(page, 'turns on a phone')
    await context.close()
  })
})
