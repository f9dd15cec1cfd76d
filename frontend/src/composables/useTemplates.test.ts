import { expect, test } from 'vitest'
import type { Template } from '@/api/templates'
import { distinct, found, type Choice } from './useTemplates'

const template = (name: string): Template => ({
  id: name,
  owner: { id: 'u', name: 'Ann' },
  name,
  prompt: '',
  shared: false,
  variables: [],
  created_at: '',
  updated_at: '',
})
const choice = (prompt: string, name?: string): Choice => ({
  id: prompt,
  prompt,
  variables: [],
  mine: false,
  ...(name ? { template: template(name) } : {}),
})

test('earlier prompts are offered once each, the newest first, up to a number, the empty ones never', () => {
  expect(distinct(['b', 'a', 'b', ' ', '', 'c'])).toEqual(['b', 'a', 'c'])
  expect(distinct(['b', 'a', 'b', 'c'], 2)).toEqual(['b', 'a'])
})

test('each word may stand anywhere, in the name or in the prompt, in any case', () => {
  const all = [choice('a grey wall', 'Chairs'), choice('a red WALL'), choice('夜晚的街道')]
  const names = (asked: string) => found(all, asked).map(({ prompt }) => prompt)
  expect(names('')).toHaveLength(3)
  expect(names('wall  CHAIR')).toEqual(['a grey wall'])
  expect(names('Wall')).toEqual(['a grey wall', 'a red WALL'])
  expect(names('街道')).toEqual(['夜晚的街道'])
  expect(names('wall 街道')).toEqual([])
})
