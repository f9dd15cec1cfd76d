import { effectScope, nextTick, shallowRef } from 'vue'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as client from '@/api/client'
import { ApiProblem, type BatchDraft, type Estimate } from '@/api/client'
import { later } from '@/testing/fakes'
import { estimateOf, useEstimate } from './useEstimate'

vi.mock('@/api/client', async (original) => ({ ...(await original<typeof client>()), estimateBatch: vi.fn() }))
const asked = vi.mocked(client.estimateBatch)

function anEstimate(pictures: number): Estimate {
  return {
    items: pictures,
    pictures,
    cost_low_micros: 0,
    cost_high_micros: 0,
    seconds: null,
    warnings: [],
    pilot: null,
  }
}
const bodyOf = (variants: number): BatchDraft => ({ prompt: 'p', items: [{}], variants })

function world() {
  const variants = shallowRef(1)
  const body = shallowRef<BatchDraft | undefined>(bodyOf(1))
  const scope = effectScope()
  const quote = scope.run(() => useEstimate(() => [variants.value, body.value], () => body.value))! // prettier-ignore
  async function choose(n: number) {
    variants.value = n
    body.value = bodyOf(n)
    await nextTick()
  }
  return { quote, body, choose, scope }
}
const settle = () => vi.advanceTimersByTimeAsync(300)

beforeEach(() => {
  vi.useFakeTimers()
  asked.mockReset()
})
afterEach(() => void vi.useRealTimers())

test('many changes in a moment are one question, about the last of them', async () => {
  asked.mockResolvedValue(anEstimate(3))
  const { quote, choose } = world()
  for (const n of [1, 2, 3]) await choose(n)
  await settle()
  expect(asked).toHaveBeenCalledOnce()
  expect(asked.mock.calls[0]?.[0].variants).toBe(3)
  expect(quote.estimate.value?.pictures).toBe(3)
  expect(quote.current.value).toBe(true)
})

test('an answer that is outdated is not shown, whenever it comes', async () => {
  const [slow, quick] = [later<Estimate>(), later<Estimate>()]
  asked.mockReturnValueOnce(slow.promise).mockReturnValueOnce(quick.promise)
  const { quote, choose } = world()
  await settle()
  await choose(2)
  await settle()
  expect(asked.mock.calls[0]?.[1].aborted).toBe(true)
  quick.resolve(anEstimate(2))
  await settle()
  slow.resolve(anEstimate(1))
  await settle()
  expect(quote.estimate.value?.pictures).toBe(2)
})

test('after a change the last answer stays, but is no longer that of the draft', async () => {
  asked.mockResolvedValueOnce(anEstimate(1)).mockReturnValue(later<Estimate>().promise)
  const { quote, choose } = world()
  await settle()
  await choose(2)
  expect(quote.estimate.value?.pictures).toBe(1)
  expect(quote.current.value).toBe(false)
})

test('what would be refused is told, and a lost connection is not', async () => {
  asked.mockRejectedValueOnce(new ApiProblem(422, 'image_ratio_refused', 'too wide'))
  const { quote, choose } = world()
  await settle()
  expect(quote.problem.value?.message).toBe('too wide')
  asked.mockRejectedValueOnce(new ApiProblem(0, 'offline', 'no network'))
  await choose(2)
  await settle()
  expect(quote.problem.value).toBeUndefined()
  expect(quote.estimate.value).toBeUndefined()
})

test('with nothing to ask for, or once the page is left, nothing is asked', async () => {
  const { quote, body, scope, choose } = world()
  body.value = undefined
  await settle()
  expect(quote.estimate.value).toBeUndefined()
  await choose(2)
  scope.stop()
  await settle()
  expect(asked).not.toHaveBeenCalled()
})

test('words and names are not part of the question, so typing asks nothing', () => {
  const items = [{ upload_id: 'u1', name: 'a.jpg', prompt: 'own' }, {}]
  const typed = (prompt: string) => estimateOf({ prompt, items, variants: 2 })
  expect(typed('a')).toEqual(typed('ab'))
  expect(typed('a').items).toEqual([{ upload_id: 'u1' }, {}])
})
