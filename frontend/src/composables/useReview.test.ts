import { flushPromises } from '@vue/test-utils'
import { beforeEach, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'
import * as client from '@/api/client'
import { useLive } from '@/stores/live'
import { aBatch, anItem, later } from '@/testing/fakes'
import { deskKey } from './useDeskKeys'
import { useReview } from './useReview'

const result = { url: '/r', thumbnail_url: '/t', width: 1, height: 1, bytes: 1, format: 'png', description: '', seed: null, flags: [] } // prettier-ignore
const done = (n: number, more: Partial<client.Item> = {}) =>
  anItem(`b1-${n}`, 1, { batch_id: 'b1', index: n, state: 'succeeded', result, ...more })

const desk = () => {
  const review = effectScope().run(() => useReview('b1'))!
  review.current.value = review.items.value[0]?.id ?? ''
  return review
}

beforeEach(async () => {
  vi.restoreAllMocks()
  const live = useLive()
  live.forget('b1')
  live.putBatch(aBatch('b1'))
  ;[done(0), done(1), done(2), anItem('b1-3', 1, { batch_id: 'b1', index: 3 })].forEach(live.putItem)
  await new Promise((frame) => requestAnimationFrame(frame)) // the store writes once per frame
})

function answers() {
  return vi
    .spyOn(client, 'reviewItem')
    .mockImplementation((id, review) => Promise.resolve({ ...useLive().item(id)!.value, version: 9, review }))
}
const settle = async () => {
  await flushPromises()
  await new Promise((frame) => requestAnimationFrame(frame))
}

test('a word leads on to the next picture that waits for one, and the last one is taken back', async () => {
  const sent = answers()
  const review = desk()
  review.decide('approved')
  await settle()
  review.decide('rejected')
  await settle()

  expect([review.approved.value, review.rejected.value, review.open.value]).toEqual([1, 1, 1])
  expect(review.item.value?.id).toBe('b1-2')
  review.undo()
  await settle()
  expect([review.rejected.value, review.item.value?.id]).toEqual([0, 'b1-1'])
  expect(sent.mock.calls).toEqual([['b1-0', 'approved'], ['b1-1', 'rejected'], ['b1-1', 'none']]) // prettier-ignore
})

test('words are sent one after the other, so that the last one counts', async () => {
  const first = later<client.Item>()
  const sent = vi.spyOn(client, 'reviewItem').mockImplementationOnce(() => first.promise)
  sent.mockImplementation((id, word) => Promise.resolve(done(Number(id.at(-1)), { version: 9, review: word })))
  const review = desk()
  review.decide('approved')
  review.undo()
  await settle()
  expect(sent).toHaveBeenCalledTimes(1)
  first.resolve(done(0, { version: 2, review: 'approved' }))
  await settle()
  expect(sent).toHaveBeenLastCalledWith('b1-0', 'none')
  expect(review.item.value?.review).toBe('none')
})

test('a word that did not arrive is taken back and said', async () => {
  vi.spyOn(client, 'reviewItem').mockRejectedValue(new client.ApiProblem(0, 'offline', 'no line'))
  const review = desk()
  review.decide('approved')
  await settle()

  expect(review.problem.value).toBe('no line')
  expect(review.approved.value).toBe(0)
})

test('what is not there yet is no picture to decide on; what is made once more is shown, but waits', () => {
  const sent = answers()
  const review = desk()
  expect(review.items.value.map((one) => one.id)).toEqual(['b1-0', 'b1-1', 'b1-2'])
  useLive().putItem(done(0, { version: 2, state: 'running', result: null, earlier: [{ ...result, number: 0 }] }))
  return settle().then(() => {
    review.decide('approved')
    expect(sent).not.toHaveBeenCalled()
    expect(review.items.value).toHaveLength(3)
  })
})

test('only those that wait for a word, and the one that is looked at', async () => {
  answers()
  const review = desk()
  review.decide('approved')
  await settle()
  review.undecidedOnly.value = true
  expect(review.shown.value.map((one) => one.id)).toEqual(['b1-1', 'b1-2'])
  review.go(1)
  expect(review.item.value?.id).toBe('b1-2')
})

test('keys are keys of the desk, but not while somebody types', () => {
  const press = (key: string, more = {}, target: EventTarget = document.body) => {
    const event = new KeyboardEvent('keydown', { key, ...more })
    Object.defineProperty(event, 'target', { value: target })
    return deskKey(event)
  }
  expect(['a', 'X', 'r', 'ArrowRight', 'q'].map((key) => press(key))).toEqual(['approve', 'reject', 'redo', 'next', null]) // prettier-ignore
  expect(press('z', { ctrlKey: true })).toBe('undo')
  expect(press('a', { ctrlKey: true })).toBe(null)
  expect(press('a', {}, document.createElement('textarea'))).toBe(null)
  expect(press('ArrowLeft', {}, document.createElement('input'))).toBe(null)
})
