import { expect, test } from 'vitest'
import type { Item } from '@/api/client'
import { anItem } from '@/testing/fakes'
import { groupFailures } from './failures'
import { isMarked, reasonsOf } from './marked'

const result = (...flags: string[]): Item['result'] => ({
  url: '/static/results/r.png', thumbnail_url: '/static/thumbnails/r.webp', width: 1, height: 1, bytes: 1,
  format: 'png', description: '', seed: null, flags,
}) // prettier-ignore

test('a marked picture waits for a word until it is accepted or run again', () => {
  const marked = (state: Item['state'], ...flags: string[]) =>
    isMarked(anItem('i1', 1, { state, result: result(...flags) }))
  expect(marked('failed', 'blank')).toBe(true)
  expect(marked('cancelled', 'blank')).toBe(true)
  expect(marked('succeeded', 'blank')).toBe(false)
  expect(marked('failed')).toBe(false)
  expect(isMarked(anItem('i1', 1, { state: 'failed' }))).toBe(false)
})

test('the reasons are told gravest first, and a word of a newer server is passed over', () => {
  const item = anItem('i1', 1, { result: result('small', 'unheard of', 'blank') })
  expect(reasonsOf(item)).toEqual(['marked.reason.blank', 'marked.reason.small'])
  expect(reasonsOf(undefined)).toEqual([])
})

test('whoever retries a picture that came is told that it may be charged again', () => {
  const error = { category: 'bad_output', code: 'bad_output_blank', message: '', retryable: true } as const
  const [group] = groupFailures([anItem('i1', 1, { state: 'failed', error, result: result('blank') })])
  expect(group).toMatchObject({ category: 'bad_output', maybeCharged: true })
})
