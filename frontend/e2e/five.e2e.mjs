/** The five journeys that must feel effortless, at three sizes, light and dark, in both languages; with the clicks that the
 * first of them takes. `make screenshots` keeps some of the pictures. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { DESKTOP, PHONE, drop, inState, launch, part, photos, picturesOf, shot, ended, ready } from './lib.mjs'
import { startTeam, surprises } from './team.mjs'

const TABLET = { width: 1024, height: 768 }
const LOOKS = [
  ...[DESKTOP, TABLET, PHONE].flatMap((size) =>
    ['zh-CN', 'en'].flatMap((language) => [false, true].map((dark) => ({ size, language, dark }))),
  ),
]
const WORDS = {
  'zh-CN': {
    night: '把它画成夜晚',
    text: '一只{颜色}的{动物}，平涂插画',
    colours: ['红', '蓝', '绿'],
    bad: '一只猫 [fail:blocked]',
    good: '一只猫',
    reuse: '再次使用',
    retry: '重试',
  },
  en: {
    night: 'paint it at night',
    text: 'a {colour} {animal}, flat illustration',
    colours: ['red', 'blue', 'green'],
    bad: 'a cat [fail:blocked]',
    good: 'a cat',
    reuse: 'Reuse',
    retry: 'Retry',
  },
}

let browser, team
before(async () => {
  browser = await launch()
  team = await startTeam()
})
after(async () => {
  await browser?.close()
  await team?.stop()
})

/** A screenshot when all pictures in it are there. */
async function pictured(page, name) {
  await page.waitForFunction(() =>
    [...document.images].every((one) => {
      const { top, bottom } = one.getBoundingClientRect()
      return one.complete || bottom < 0 || top > window.innerHeight
    }),
  )
  await page.waitForTimeout(400) // they fade in
  await shot(page, `${page.look}-${name}`)
}

/** No bar to scroll sideways, at any size. */
async function fits(page, { width }, what) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth)
  assert.ok(wide <= width, `${what} is ${wide} wide, there is room for ${width}`)
}

/** A fresh workspace: what the last journey left is no longer there. */
async function afresh(page) {
  await page.goto(team.address)
  await part(page, 'prompt').waitFor()
  if (await part(page, 'upload-tile').count()) {
    await page.locator('section.images header button').last().click()
    await part(page, 'upload-tile').first().waitFor({ state: 'detached' })
  }
}

const JOURNEYS = {
  async edit(page, words, { touch }) {
    await page.evaluate(() => {
      window.clicks = 0
      window.addEventListener('click', (event) => event.isTrusted && (window.clicks += 1), true)
    })
    const files = photos()
    await drop(page, files)
    await inState(page, 'upload-tile', 'done').nth(5).waitFor()
    await part(page, 'prompt')[touch ? 'tap' : 'click']()
    await page.keyboard.type(words.night)
    await ready(page).waitFor()
    await part(page, 'quote-pictures').getByText(String(files.length)).first().waitFor()
    await part(page, 'start').click()
    await inState(page, 'result-tile', 'succeeded').first().waitFor()
    await shot(page, `${page.look}-edit-running`)
    await ended(page).waitFor({ state: 'attached', timeout: 60_000 })
    const [download] = await Promise.all([page.waitForEvent('download'), part(page, 'download-zip').click()])
    assert.equal(picturesOf(await readFile(await download.path())).length, files.length)
    const clicks = await page.evaluate(() => window.clicks)
    assert.ok(clicks <= 3, `${clicks} clicks from files to zip`)
    await pictured(page, 'edit-done')
  },

  async text(page, words) {
    await afresh(page)
    await part(page, 'prompt').fill(words.text)
    await part(page, 'variable-table').waitFor()
    await part(page, 'paste-table').click()
    const [colour, animal] = words.text.match(/(?<={)[^}]+/g)
    const rows = [`${colour}\t${animal}`, ...words.colours.map((one, n) => `${one}\t${['fox', 'owl', 'bear'][n]}`)]
    await part(page, 'pasted-table').fill(rows.join('\n'))
    await page.getByRole('dialog').locator('.btn-primary').click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await pictured(page, 'text-table')
    await ready(page).waitFor()
    await part(page, 'start').click()
    await inState(page, 'result-tile', 'succeeded').nth(2).waitFor({ timeout: 60_000 })
    await pictured(page, 'text-done')
  },

  async fix(page, words) {
    await afresh(page)
    await drop(page, photos(3))
    await inState(page, 'upload-tile', 'done').nth(2).waitFor()
    await part(page, 'prompt').fill(words.bad)
    await ready(page).waitFor()
    await part(page, 'start').click()
    await part(page, 'failure-group').first().waitFor()
    await ended(page).waitFor({ state: 'attached', timeout: 60_000 })
    await pictured(page, 'fix-failed')
    await part(page, 'change-group').first().click()
    await part(page, 'change-prompt').fill(words.good)
    await page.getByRole('dialog').getByRole('button', { name: words.retry }).click()
    await inState(page, 'result-tile', 'succeeded').nth(2).waitFor({ timeout: 60_000 })
    assert.equal(await part(page, 'failure-group').count(), 0)
  },

  async later(page, words) {
    await page.goto(`${team.address}/tasks`)
    await part(page, 'task-row').nth(2).waitFor()
    await pictured(page, 'later-tasks')
    const row = part(page, 'task-row').filter({ hasText: words.night }).first()
    await row.locator('[data-test="task-menu"]').click()
    await page.getByRole('menuitem', { name: words.reuse, exact: true }).click()
    await page.waitForURL((url) => url.pathname === '/')
    await page.waitForFunction(() => document.querySelectorAll('[data-test="upload-tile"]').length > 3)
    assert.equal(await part(page, 'prompt').inputValue(), words.night)
    await page.goto(`${team.address}/tasks`)
    await part(page, 'task-row').filter({ hasText: words.night }).first().locator('.name').click()
    await page.waitForURL(/\/batches\//)
    await part(page, 'result-tile').first().waitFor()
    await page.reload() // a link to a batch opens it
    await part(page, 'result-tile').first().waitFor()
  },

  async run(page, _words, { size }) {
    for (const [at, what] of [
      ['/status', 'status-parts'],
      ['/admin/people', 'person-row'],
      ['/spend', 'month-before'],
      ['/turns', 'turns'],
    ]) {
      await page.goto(team.address + at)
      await part(page, what).first().waitFor()
      await fits(page, size, at)
      await pictured(page, `run${at.replace(/\W/g, '-')}`)
    }
  },
}

describe('the five journeys', { timeout: 600_000 }, () => {
  for (const look of LOOKS) {
    const name = `${look.size.width}-${look.language}-${look.dark ? 'dark' : 'light'}`
    test(name, async (t) => {
      const { page, context, problems } = await team.enter(browser, 'ada', look)
      page.look = name
      const touch = look.size.width < 600
      for (const [journey, go] of Object.entries(JOURNEYS)) {
        const begun = Date.now()
        await go(page, WORDS[look.language], { ...look, touch })
        await fits(page, look.size, journey)
        t.diagnostic(`${journey}: ${((Date.now() - begun) / 1000).toFixed(1)} s`)
      }
      assert.deepEqual(surprises(problems), [])
      await context.close()
    })
  }
})
