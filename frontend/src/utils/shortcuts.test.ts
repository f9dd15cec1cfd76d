import { expect, test } from 'vitest'
import { asksForSheet } from './shortcuts'

function pressed(on: HTMLElement, more: KeyboardEventInit = {}) {
  document.body.replaceChildren(on)
  let asked = false
  on.addEventListener('keydown', (event) => (asked = asksForSheet(event)))
  on.dispatchEvent(new KeyboardEvent('keydown', { key: '?', ...more }))
  return asked
}
const made = (tag: string) => document.createElement(tag)

test('the sheet opens on ?, but not while somebody types or something else is open', () => {
  expect(pressed(made('button'))).toBe(true)
  expect(pressed(made('button'), { key: 'a' })).toBe(false)
  expect(pressed(made('button'), { ctrlKey: true })).toBe(false)
  for (const tag of ['input', 'textarea', 'select']) expect(pressed(made(tag))).toBe(false)
  const dialog = made('dialog')
  dialog.setAttribute('open', '')
  expect(pressed(dialog)).toBe(false)
})
