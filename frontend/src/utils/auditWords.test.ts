import { expect, test } from 'vitest'
import { i18n } from '@/locales'
import { ACTS, detailsOf, isKnown, wordsOf } from './auditWords'

test('every known act has words, and a later one is told as it is', () => {
  expect(ACTS.filter((act) => !i18n.global.te(wordsOf(act)))).toEqual([])
  expect([isKnown('token.created'), isKnown('moon.landed')]).toEqual([true, false])
})

test('details stand in one line, without what is empty', () => {
  const details = { role: 'admin', days: 7, team: false, username: '', email: null, fields: [], scopes: ['read'] }
  expect(detailsOf(details)).toBe('role: admin, days: 7, team: false, scopes: ["read"]')
})
