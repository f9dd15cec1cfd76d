/** What the browser tests share: Chromium, pages at a size in a language, the photos, waiting for what will come. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'
import { noteAnswer } from './secrets.mjs'

export const { ADDRESS, CHROMIUM, PHOTOS, SHOTS } = process.env
export const DESKTOP = { width: 1440, height: 900 }
export const PHONE = { width: 390, height: 844 }
const QUIET =
  '--disable-dev-shm-usage --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run'

export function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', ...QUIET.split(' ')] })
}

/** A browser with a memory of its own in `folder`, as on somebody's computer. */
export function keep(folder) {
  const args = ['--no-sandbox', ...QUIET.split(' ')]
  return chromium.launchPersistentContext(folder, { executablePath: CHROMIUM, args, locale: 'en', viewport: DESKTOP })
}

/** A page of its own context. `problems` gathers what the browser complained about: errors and CSP violations. */
export async function openPage(
  browser,
  { size = DESKTOP, language = 'zh-CN', dark = false, at = '/', address = ADDRESS } = {},
) {
  const context = await browser.newContext({
    viewport: size,
    locale: language,
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
    hasTouch: size.width < 600,
  })
  context.on('response', (answer) => void noteAnswer(answer))
  const page = await context.newPage()
  const problems = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  await page.addInitScript(() => {
    window.addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective}`))
  })
  await page.goto(address + at)
  return { page, context, problems }
}

export function photos(count = Infinity) {
  return readdirSync(PHOTOS)
    .sort()
    .slice(0, count)
    .map((name) => ({ name: name.replace(/^\d+ /, ''), data: readFileSync(path.join(PHOTOS, name)) }))
}

/** Drop files on the page as a person does: enter, over, drop. */
export async function drop(page, files) {
  await part(page, 'prompt').waitFor() // before that nothing takes what is dropped
  const sent = files.map(({ name, data }) => ({ name, base64: data.toString('base64') }))
  const transfer = await page.evaluateHandle((given) => {
    const made = new DataTransfer()
    for (const { name, base64 } of given) {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
      made.items.add(new File([bytes], name))
    }
    return made
  }, sent)
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await page.dispatchEvent('body', type, { dataTransfer: transfer })
  }
}

/** What keeps somebody out, by WCAG 2.2 AA. */
export async function violations(page) {
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`)
}

/** What hinders in two looks, one after the other: what fades in while the first is taken has other colours meanwhile. */
async function lasting(page) {
  await page.waitForTimeout(250)
  const first = await violations(page)
  if (!first.length) return first
  await page.waitForTimeout(1_000)
  const second = await violations(page)
  return first.filter((one) => second.includes(one))
}

/** The page as it stands, without a hindrance and without a bar to scroll sideways. `what`: what is being looked at. */
export async function unhindered(page, what) {
  assert.deepEqual([what, ...(await lasting(page))], [what])
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
  assert.ok(wide <= room, `${what} is ${wide} wide, there is room for ${room}`)
}

export const part = (page, name) => page.locator(`[data-test="${name}"]`)
export const inState = (page, name, state) => page.locator(`[data-test="${name}"][data-state="${state}"]`)

/** Wait for it; where it does not come, say what stands there instead. */
export async function shown(page, locator) {
  try {
    await locator.waitFor()
  } catch (late) {
    late.message += `\nthe page says: ${(await page.locator('body').innerText()).slice(0, 2_000)}`
    throw late
  }
}

/** The Start button when it starts, and the progress of a batch that has ended. */
export const ready = (page) => page.locator('[data-test="start"][aria-disabled="false"]')
export const ended = (page) => page.locator('[data-test="progress"][data-state="completed"]')

export async function shot(page, name) {
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`) })
}

/** The names of a zip's pictures: without its manifest. */
export const picturesOf = (zip) => entriesOf(zip).filter((name) => !name.startsWith('manifest'))

export function entriesOf(zip) {
  const end = zip.lastIndexOf(Buffer.from('504b0506', 'hex'))
  const names = []
  for (let at = zip.readUInt32LE(end + 16), n = zip.readUInt16LE(end + 10); n > 0; n -= 1) {
    const [name, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)]
    names.push(zip.toString('utf8', at + 46, at + 46 + name))
    at += 46 + name + extra + comment
  }
  return names
}
