import { expect, test } from 'vitest'
import { aProvider } from '@/testing/fakes'
import { hasElsewhere } from './policy'

const demo = aProvider()
const gemini = aProvider({ id: 'gemini' })
const doubao = aProvider({ id: 'doubao' })
const keyless = aProvider({ id: 'doubao', available: false })

test('a picture can go elsewhere where a second real provider has its key', () => {
  expect(hasElsewhere([demo, gemini, doubao], gemini)).toBe(true)
  expect(hasElsewhere([demo, gemini, keyless], gemini)).toBe(false)
  expect(hasElsewhere([demo, gemini, keyless], keyless)).toBe(false)
  expect(hasElsewhere([], undefined)).toBe(false)
})

test('nothing goes to the demo, nor away from it', () => {
  expect(hasElsewhere([demo, gemini], gemini)).toBe(false)
  expect(hasElsewhere([demo, gemini, doubao], demo)).toBe(false)
})
