import { expect, test } from 'vitest'
import type { Category } from '@/api/client'
import { partRows, providerRows } from './statusRows'

const NOW = new Date(2026, 10, 25, 23, 0, 0).getTime()
const hold = (category: Category, seconds: number) => ({
  category,
  until: new Date(NOW + seconds * 1000).toISOString(),
})
const rows = (state: Partial<Parameters<typeof providerRows>[0]>) =>
  providerRows({ id: 'gemini', keys: [], holds: [], ...state }, (model) => `<${model}>`, NOW)
const brief = (all: ReturnType<typeof rows>) => all.map(({ name, tone, words }) => [name, tone, words])

test('each part is told in words, and a word nobody knows is no code on the page', () => {
  const told = partRows({ workers: 'none', redis: 'ok', storage: 'full', providers: 'later-word', later: 'ok' })
  expect(told.map(({ id, tone }) => [id, tone])).toEqual([
    ['redis', 'ok'],
    ['storage', 'bad'],
    ['workers', 'bad'],
    ['providers', 'warn'],
  ])
  expect(told.at(-1)?.words).toBe('暂时无法判断。')
})

test('a key is shown by its end only, and says whether it is used', () => {
  const keys = [
    { tail: '0001', rest: null },
    { tail: '0002', rest: hold('quota_exhausted', 9 * 3600) },
    { tail: '', rest: hold('auth', 300) },
  ]
  expect(brief(rows({ keys }))).toEqual([
    ['密钥 1：…0001', 'ok', '使用中'],
    ['密钥 2：…0002', 'warn', '额度已用完，08:00 再试（9小时后）'],
    ['密钥 3', 'bad', '被平台拒绝，请检查或更换；23:05:00 再试'],
  ])
})

test('models that stand still say why and until when; those whose time has come are left out', () => {
  const holds = [
    { model: 'a', hold: hold('upstream_error', 25) },
    { model: 'b', hold: hold('upstream_error', 0) },
  ]
  expect(brief(rows({ holds }))).toEqual([
    ['无需密钥', 'ok', '使用中'],
    ['<a>', 'warn', '平台故障，25秒后再试'],
  ])
})
