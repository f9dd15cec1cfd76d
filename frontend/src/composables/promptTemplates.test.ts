import { expect, test } from 'vitest'
import prompts from '@/testing/prompts.json'
import { asTemplate, isTemplate, missingIn, partsOf, valuesUsed, variablesOf } from './promptTemplates'

const CASES: { template: string; variables: string[]; values: Record<string, string | undefined>; prompt: string }[] =
  prompts
const filled = (template: string, values: Record<string, string | undefined> = {}) =>
  partsOf(template)
    .map((part) => (typeof part === 'string' ? part : values[part.name]))
    .join('')

test('a template is read as the server reads it', () => {
  expect(CASES.length).toBeGreaterThan(10)
  for (const { template, variables, values, prompt } of CASES) {
    expect(variablesOf(template)).toEqual(variables)
    expect(filled(template, values)).toBe(prompt)
  }
})

test('words that were sent are sent again as they are, whatever braces they have', () => {
  const signs = ['{', '}', 'a', ' ', '"']
  const every = Array.from({ length: 5 ** 6 }, (_, n) =>
    Array.from({ length: 6 }, (_, i) => signs[Math.floor(n / 5 ** i) % 5]).join(''),
  )
  expect(every.filter((words) => filled(asTemplate(words)) !== words)).toEqual([])
  expect(asTemplate('{"a": 1}')).toBe('{"a": 1}')
  expect(asTemplate('a {b}')).toBe('a {{b}}')
})

test('plain words are no template', () => {
  expect([isTemplate('a'), isTemplate('{}'), isTemplate('{a}'), isTemplate('{{'), isTemplate('')]).toEqual([
    false, false, true, true, false,
  ]) // prettier-ignore
})

test('what is missing is named, the file name never, and only what is used is sent', () => {
  const values = { a: 'x', b: ' ', unused: 'y' }
  expect(missingIn('{a} {b} {c} {filename}', values)).toEqual(['b', 'c'])
  expect(valuesUsed('{a} {b} {filename}', values)).toEqual({ a: 'x' })
})
