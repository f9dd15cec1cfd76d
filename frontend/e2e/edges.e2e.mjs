/** Through real Nginx, with the content security policy in force: the main job, and words that would be code. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { drop, entriesOf, inState, launch, openPage, part, photos, ended } from './lib.mjs'
import { startFake, startProxy, startStack } from './stack.mjs'

const EVIL = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
const nginx = ['/usr/sbin', ...process.env.PATH.split(':')].some((folder) => existsSync(`${folder}/nginx`))
const skip = !nginx && process.env.CI !== 'true' && 'nginx is not installed'
let browser, stack, proxy, gemini

const open = (more = {}) => openPage(browser, { language: 'en', address: proxy.address, ...more })

async function run(page, files, prompt) {
  await part(page, 'start').waitFor()
  await drop(page, files)
  await inState(page, 'upload-tile', 'done')
    .nth(files.length - 1)
    .waitFor()
  await part(page, 'prompt').fill(prompt)
  await part(page, 'start').click()
  await ended(page).waitFor({ state: 'attached', timeout: 90_000 })
}

/** Whether anything of EVIL became more than text. */
const hit = (page) => page.evaluate(() => 'hit' in window || document.querySelector('img[src="x"]') !== null)

before(async () => {
  if (skip) return
  browser = await launch()
  gemini = await startFake('gemini_server')
  stack = await startStack({
    TRUSTED_PROXIES: '1',
    DEFAULT_PROVIDER: 'demo',
    DEMO_LATENCY_SECONDS: '0.3',
    GEMINI_API_KEY: 'a-key-of-the-edges-0001',
    GEMINI_BASE_URL: gemini.url,
  })
  proxy = await startProxy(stack.address)
})
after(async () => {
  if (skip) return
  await proxy.stop()
  await stack.stop()
  await gemini.stop()
  await browser.close()
})

describe('edges', { timeout: 240_000, skip }, () => {
  test('the main job needs nothing that the policy forbids', async () => {
    const { page, context, problems } = await open()
    await run(page, photos(3), 'paint it at night')
    const [download] = await Promise.all([page.waitForEvent('download'), part(page, 'download-zip').click()])
    assert.equal(entriesOf(await readFile(await download.path())).length, 5)
    for (const [at, ready] of [
      ['/tasks', 'task-row'],
      ['/status', 'status-parts'],
      ['/notifications', 'notice-form'],
    ]) {
      await page.goto(proxy.address + at)
      await part(page, ready).first().waitFor()
    }
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('the policy is in force, and a violation is seen', async () => {
    const { page, context, problems } = await open()
    const policy = (await fetch(proxy.address)).headers.get('Content-Security-Policy')
    assert.match(policy, /script-src 'self'/)
    assert.doesNotMatch(policy, /unsafe|\*/)
    await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'window.hit = 1'
      document.body.append(script)
    })
    await page.waitForFunction(() => true)
    assert.equal(await hit(page), false)
    assert.ok(problems.some((problem) => problem.startsWith('CSP: script-src')))
    await context.close()
  })
})

describe('words and pictures', { timeout: 240_000, skip }, () => {
  test('a prompt, a file name and a batch name that hold code are words', async () => {
    const { page, context, problems } = await open()
    const [file] = photos(1)
    await run(page, [{ ...file, name: `${EVIL.replaceAll('/', '')}.jpg` }], `${EVIL} [fail:blocked]`)
    assert.equal(await hit(page), false)

    const { items } = await (await fetch(`${proxy.address}/api/batches`)).json()
    const answer = await fetch(`${proxy.address}/api/batches/${items[0].id}`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: EVIL }),
    })
    assert.equal(answer.status, 200)
    for (const at of ['/tasks', `/batches/${items[0].id}`]) {
      await page.goto(proxy.address + at)
      await page.getByText('onerror').first().waitFor()
      assert.equal(await hit(page), false)
    }
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('what a model says of its picture and a provider of its error are words', async () => {
    const send = async (path, body) => {
      const headers = { 'Content-Type': 'application/json' }
      return (await fetch(proxy.address + path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
    }
    for (const [plan, state] of [
      ['echo_text', 'succeeded'],
      ['echo', 'failed'],
    ]) {
      await gemini.plan(plan)
      const { id } = await send('/api/batches', { prompt: EVIL, provider: 'gemini', items: [{}] })
      const { page, context, problems } = await open({ at: `/batches/${id}` })
      await inState(page, 'result-tile', state).waitFor()
      const [item] = (await (await fetch(`${proxy.address}/api/batches/${id}/items`)).json()).items
      assert.ok((item.result?.description ?? item.error.message).includes('<img src=x onerror'), JSON.stringify(item))
      await page.getByText('onerror').first().waitFor()
      await inState(page, 'result-tile', state).click()
      await page.getByRole('dialog').getByText('onerror').first().waitFor()
      assert.equal(await hit(page), false)
      assert.deepEqual(problems, [])
      await context.close()
    }
  })

  test('a picture that is opened by itself is no page', async () => {
    const { page, context } = await open()
    const { items } = await (await fetch(`${proxy.address}/api/batches`)).json()
    const found = await Promise.all(
      items.map(async ({ id }) => (await (await fetch(`${proxy.address}/api/batches/${id}/items`)).json()).items),
    )
    const { result } = found.flat().find((item) => item.result)
    const answer = await page.goto(proxy.address + result.url)
    assert.equal(answer.headers()['content-security-policy'], "default-src 'none'; sandbox")
    assert.equal(answer.headers()['x-content-type-options'], 'nosniff')
    assert.equal(await page.evaluate(() => window.origin), 'null') // sandboxed: it has no origin
    await context.close()
  })
})
