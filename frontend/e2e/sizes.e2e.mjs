/** What a first visit has to fetch, as gzip sends it: code, styles and words, of the built app. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { launch, openPage, part } from './lib.mjs'
import { logIn, startTeam } from './team.mjs'

const KB = 1024
let browser
let team
before(async () => {
  browser = await launch()
  team = await startTeam()
})
after(async () => {
  await browser?.close()
  await team?.stop()
})

/** Kilobytes of all code and styles that the page has asked for. */
async function fetched(page) {
  const urls = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
  const sizes = [...new Set([page.url(), ...urls])]
    .filter((url) => /\.(js|css)(\?|$)/.test(url) || url === page.url())
    .map(async (url) => gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / KB
}

describe('a first load', { timeout: 120_000 }, () => {
  for (const language of ['zh-CN', 'en']) {
    test(`stays small, ${language}`, async () => {
      const { page, context } = await openPage(browser, { language, address: team.address, at: '/login' })
      await part(page, 'login').waitFor()
      await page.waitForLoadState('networkidle')
      const login = await fetched(page)
      await logIn(page, 'ada')
      await part(page, 'start').waitFor()
      await page.goto(team.address)
      await part(page, 'start').waitFor()
      await page.waitForTimeout(1000)
      const workspace = await fetched(page)
      console.log(`login ${Math.round(login)} KB, workspace ${Math.round(workspace)} KB (${language})`)
      assert.ok(login > 50 && login <= 250, `login: ${login} KB`)
      assert.ok(workspace > login && workspace <= 400, `workspace: ${workspace} KB`)
      await context.close()
    })
  }
})
