/** Pictures that lie in an S3 store, and pictures that were kept for long enough, as a person meets them. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import {
  DESKTOP,
  PHONE,
  drop,
  entriesOf,
  inState,
  launch,
  openPage,
  part,
  photos,
  shot,
  shown,
  violations,
} from './lib.mjs'
import { readFile } from 'node:fs/promises'
import { startStack, startStore } from './stack.mjs'

const ROOT = path.resolve(import.meta.dirname, '../..')
let browser, store, stack
before(async () => {
  ;[browser, store] = await Promise.all([launch(), startStore()])
  const kept = { RETENTION_RESULTS_DAYS: '1', RETENTION_CHECK_MINUTES: '0.01' }
  stack = await startStack({ ...store.settings, ...kept, DEFAULT_PROVIDER: 'demo', DEMO_LATENCY_SECONDS: '0.3' })
})
after(() => Promise.all([stack?.stop(), store?.stop(), browser?.close()]))

const open = (more = {}) => openPage(browser, { language: 'en', ...more, address: stack.address })
const seen = (page, selector) =>
  page.waitForFunction((which) => {
    const all = [...document.querySelectorAll(which)]
    return all.length > 0 && all.every((image) => image.complete && image.naturalWidth > 0)
  }, selector)

/** As if all batches had ended long ago. */
async function age() {
  const script = `
import sys, redis
r = redis.Redis(unix_socket_path=sys.argv[1], decode_responses=True)
for batch in r.zrange("bg:all", 0, -1):
    r.hset("bg:b:" + batch, mapping={"created": 1, "finished": 1})
    r.zadd("bg:all", {batch: 1})
    n = int(r.hget("bg:b:" + batch, "total"))
    [r.hset(f"bg:i:{batch}:{i}", "finished", 1) for i in range(n)]
`
  const socket = path.join(stack.folder, 'var/run/redis.sock')
  await promisify(execFile)(path.join(ROOT, '.venv/bin/python'), ['-c', script, socket])
}

describe('storage', { timeout: 240_000 }, () => {
  test('pictures come from the store by signed addresses, and are saved under their own names', async () => {
    const { page, problems } = await open()
    const from = new Set()
    page.on('response', (answer) => {
      if (answer.request().resourceType() === 'image' && answer.ok()) from.add(new URL(answer.url()).origin)
    })
    await drop(page, photos(3))
    await part(page, 'prompt').fill('make it blue')
    await part(page, 'start').click()
    await inState(page, 'result-tile', 'succeeded').nth(2).waitFor({ timeout: 60_000 })
    await seen(page, '[data-test="result-tile"] img')
    assert.ok(from.has(store.url), [...from].join())
    await shot(page, 'store-results')

    await inState(page, 'result-tile', 'succeeded').first().locator('[data-act="open"]').click({ force: true })
    await seen(page, '[data-test="viewer"] img')
    const [saved] = await Promise.all([page.waitForEvent('download'), part(page, 'viewer-download').click()])
    assert.match(saved.suggestedFilename(), /\.(png|jpg|webp)$/)
    assert.ok((await readFile(await saved.path())).length > 1000)
    await page.keyboard.press('Escape')

    const [zip] = await Promise.all([page.waitForEvent('download'), part(page, 'download-zip').click()])
    const entries = entriesOf(await readFile(await zip.path()))
    assert.equal(entries.filter((name) => !name.startsWith('manifest')).length, 3)
    assert.deepEqual(problems, [])
  })

  test('of pictures that were kept for long enough it is said that they are gone', async () => {
    const { page, problems } = await open({ at: '/tasks' })
    const to = await part(page, 'task-row').getByRole('link').first().getAttribute('href')
    await age()
    await page.goto(stack.address + to)
    const expired = async () => {
      const [batch] = (await (await fetch('/api/batches')).json()).items
      return batch.results_expired_at !== null
    }
    await page.waitForFunction(expired, null, { polling: 200, timeout: 60_000 })
    await page.reload()
    await shown(page, part(page, 'tile-absent').nth(2))
    await part(page, 'batch-expired').waitFor()
    assert.equal(await part(page, 'download-zip').count(), 0)
    assert.deepEqual(await violations(page), [])
    await shot(page, 'expired')
    await part(page, 'result-tile').first().locator('[data-act="open"]').click({ force: true })
    await part(page, 'viewer').getByText('The picture is deleted').waitFor()
    assert.equal(await part(page, 'viewer-download').count(), 0)
    await shot(page, 'expired-viewer')
    assert.deepEqual(problems, [])

    for (const [name, more] of [
      ['expired-dark', { dark: true, size: DESKTOP }],
      ['expired-phone', { size: PHONE }],
    ]) {
      const other = await open({ ...more, at: to })
      await part(other.page, 'tile-absent').first().waitFor()
      await shot(other.page, name)
    }
  })
})
