import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { aBatch } from '@/testing/fakes'
import { aMe, PASSWORDS } from '@/testing/people'
import { useDraft } from './draft'
import { useSession } from './session'

function visit() {
  setActivePinia(createPinia())
  return useDraft()
}
const IMAGE = { id: 'u1', name: 'a.jpg', thumbnail_url: '/static/thumbnails/u1.webp', prompt: '' }

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
})
afterEach(() => void vi.useRealTimers())

test('a draft survives a reload', async () => {
  const before = visit()
  const typed = {
    prompt: 'white',
    variants: 3,
    seed: 7,
    format: 'png',
    watermark: true,
    policy: 'any',
    images: [IMAGE],
  } as const
  Object.assign(before.draft, typed)
  await nextTick()
  vi.advanceTimersByTime(500)
  expect(visit().draft).toMatchObject(typed)
})

test('typing is written once in a while, and at once when the page goes', async () => {
  const write = vi.spyOn(Storage.prototype, 'setItem')
  const { draft } = visit()
  for (const prompt of ['w', 'wh', 'whi']) {
    draft.prompt = prompt
    await nextTick()
  }
  expect(write).not.toHaveBeenCalled()
  window.dispatchEvent(new Event('pagehide'))
  expect(visit().draft.prompt).toBe('whi')
})

test('images that were not uploaded completely are named at the next visit, once', async () => {
  visit().draft.unfinished = { count: 1, names: ['b.jpg'] }
  await nextTick()
  vi.advanceTimersByTime(500)
  const after = visit()
  expect(after.lost).toEqual({ count: 1, names: ['b.jpg'] })
  expect(after.draft.unfinished.count).toBe(0)
  after.dismissLost()
  expect(after.lost.count).toBe(0)
})

test('what is unreadable or from another version gives an empty draft', () => {
  localStorage.setItem('batchgen.draft', '{broken')
  expect(visit().draft.prompt).toBe('')
  localStorage.setItem('batchgen.draft', JSON.stringify({ version: 99, draft: { prompt: 'x' } }))
  expect(visit().draft.prompt).toBe('')
})

test("an earlier batch's words and settings are taken over, and the images that lie ready stay", async () => {
  const { draft, reuse } = visit()
  draft.images = [IMAGE]
  const options = { aspect_ratio: '16:9', size: '2K', format: 'webp', seed: 7, watermark: true }
  reuse(aBatch('b1', 1, { prompt: 'again', variants: 3, options, policy: 'same_price' }))
  await nextTick()
  const taken = { prompt: 'again', variants: 3, aspectRatio: '16:9', format: 'webp', seed: 7, watermark: true }
  expect(visit().draft).toMatchObject({ ...taken, policy: 'same_price', images: [IMAGE] })
})

test('each person of this browser has a draft of their own', async () => {
  function visitAs(id: string) {
    setActivePinia(createPinia())
    const session = useSession()
    session.options = PASSWORDS
    session.me = aMe({ id })
    return useDraft()
  }
  visitAs('u1').draft.prompt = 'mine'
  await nextTick()
  vi.advanceTimersByTime(500)
  expect(visitAs('u2').draft.prompt).toBe('')
  expect(visitAs('u1').draft.prompt).toBe('mine')
})
