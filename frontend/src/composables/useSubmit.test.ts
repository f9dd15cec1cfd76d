import { mount } from '@vue/test-utils'
import { defineComponent } from 'vue'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiProblem } from '@/api/client'
import { later } from '@/testing/fakes'
import { useSubmit } from './useSubmit'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function opened() {
  let form!: ReturnType<typeof useSubmit<'name'>>
  const page = mount(defineComponent({ setup: () => ((form = useSubmit(['name'])), () => null) }))
  return { form, page }
}
const refuse = (problem: ApiProblem) => () => Promise.reject(problem)
const wrongIn = (field: string) =>
  new ApiProblem(422, 'validation_failed', 'something is wrong', [{ field, code: 'x', message: `${field} is wrong` }])

test('what is wrong with a field is told there, and the rest below the form', async () => {
  const { form, page } = opened()
  expect(await form.send(refuse(wrongIn('name')))).toBe(false)
  expect([form.wrong('name'), form.problem.value]).toEqual(['name is wrong', ''])

  await form.send(refuse(wrongIn('hidden')))
  expect([form.wrong('name'), form.problem.value]).toEqual(['', 'hidden is wrong'])

  await form.send(refuse(new ApiProblem(409, 'last_admin', 'the last one')))
  expect(form.problem.value).toBe('the last one')
  expect(await form.send(() => Promise.resolve())).toBe(true)
  expect(form.problem.value).toBe('')
  page.unmount()
})

test('a second press while it is being sent sends nothing', async () => {
  const { form, page } = opened()
  const first = later<undefined>()
  const act = vi.fn(() => first.promise)
  const sending = form.send(act)
  expect(await form.send(act)).toBe(false)
  first.resolve(undefined)
  expect(await sending).toBe(true)
  expect(act).toHaveBeenCalledOnce()
  page.unmount()
})

test('a throttled form counts down the seconds that the server asked for', async () => {
  const { form, page } = opened()
  await form.send(refuse(new ApiProblem(429, 'rate_limited', 'too often', [], '', 90)))
  expect([form.wait.value, form.problem.value]).toEqual([90, ''])
  vi.advanceTimersByTime(60_000)
  expect(form.wait.value).toBe(30)
  vi.advanceTimersByTime(60_000)
  expect(form.wait.value).toBe(0)

  vi.advanceTimersByTime(700)
  await form.send(refuse(wrongIn('name')))
  expect([form.wait.value, form.wrong('name')]).toEqual([0, 'name is wrong'])
  page.unmount()
})
