import { expect, test } from 'vitest'
import { aModel, anItem, aProvider } from '@/testing/fakes'
import { noticeOf, successorOf } from './successor'

const to = (model: string) => ({ provider: 'p', model, name: model.toUpperCase() })
const failed = (id: string, model?: string) =>
  anItem(id, 1, {
    state: 'failed',
    error: {
      category: 'model_unavailable',
      code: 'model_unavailable',
      message: 'gone',
      retryable: false,
      successor: model ? to(model) : null,
    },
  })

const old = aModel({ id: 'old', name: 'Old', default: false, available: false, reason: 'gone', successor: 'new' })
const now = aModel({ id: 'new', name: 'New' })
const provider = aProvider({ models: [old, now], default_model: 'new', moved_from: 'old' })

test('a group goes on with the one model that all of it can go on with', () => {
  expect(successorOf([failed('b-0', 'new'), failed('b-1', 'new')])).toEqual(to('new'))
  expect(successorOf([failed('b-0', 'new'), failed('b-1', 'other')])).toBeUndefined()
  expect(successorOf([failed('b-0', 'new'), failed('b-1')])).toBeUndefined()
  expect(successorOf([])).toBeUndefined()
})

test('a chosen model that went offline is told with its reason and what to use', () => {
  expect(noticeOf(provider, 'old')).toEqual({ kind: 'offline', reason: 'gone', to: now })
})

test('a default that moved is told to those who use the default, and to nobody who chose', () => {
  expect(noticeOf(provider, null)).toEqual({ kind: 'moved', reason: 'gone', to: now })
  expect(noticeOf(provider, 'new')).toBeUndefined()
  expect(noticeOf(aProvider({ models: [now], default_model: 'new' }), null)).toBeUndefined()
})

test('a model that is not listed any more is told as well', () => {
  expect(noticeOf(provider, 'ancient')).toEqual({ kind: 'unlisted', reason: '', to: now })
})
