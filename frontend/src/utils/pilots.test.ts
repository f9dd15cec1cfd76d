import { expect, test } from 'vitest'
import type { Pilot } from '@/api/client'
import { aBatch, anItem } from '@/testing/fakes'
import { awaitsApproval, sampleDone, stateKey } from './pilots'

const pilot = (state: Pilot['state'], held_back = 3): Pilot => ({
  state, indexes: [0, 2], round: 1, held_back, sample_micros: 0, rest_micros: 0,
}) // prettier-ignore

test('a batch that ended with its sample is named so, any other by its state', () => {
  expect(stateKey(aBatch('b', 1, { state: 'completed', pilot: pilot('stopped', 0) }))).toBe('pilot.sampleOnly')
  expect(stateKey(aBatch('b', 1, { state: 'completed', pilot: pilot('approved', 0) }))).toBe('state.batch.completed')
  expect(stateKey(aBatch('b', 1, { state: 'review', pilot: pilot('review') }))).toBe('state.batch.review')
  expect(stateKey(aBatch('b', 1, { state: 'completed' }))).toBe('state.batch.completed')
})

test('what queues outside the sample waits for approval until that is given', () => {
  const batch = aBatch('b', 1, { pilot: pilot('running') })
  expect(awaitsApproval(batch, anItem('i1'))).toBe(true)
  expect(awaitsApproval(batch, anItem('i2'))).toBe(false)
  expect(awaitsApproval(batch, anItem('i1', 1, { state: 'cancelled' }))).toBe(false)
  expect(awaitsApproval(aBatch('b', 1, { pilot: pilot('approved', 0) }), anItem('i1'))).toBe(false)
  expect(awaitsApproval(aBatch('b'), anItem('i1'))).toBe(false)
  expect(awaitsApproval(undefined, anItem('i1'))).toBe(false)
})

test('the sample is counted without what is held back', () => {
  const counts = { total: 5, queued: 3, waiting: 0, running: 1, succeeded: 1, failed: 0, cancelled: 0 }
  expect(sampleDone(aBatch('b', 1, { counts, pilot: pilot('running') }))).toEqual({ n: 1, of: 2 })
})
