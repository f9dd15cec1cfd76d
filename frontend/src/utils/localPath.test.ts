import { expect, test } from 'vitest'
import { localPath } from './localPath'

test('a path of this page is kept with what belongs to it', () => {
  expect(localPath('/batches/b1?view=a#x')).toBe('/batches/b1?view=a#x')
})

test.each([
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  'https://evil.example/',
  'javascript:alert(1)',
  '/.//evil.example',
  'tasks',
  '',
  undefined,
  ['/a'],
])(
  // prettier-ignore
  'anything else leads to the workspace: %j',
  (next) => {
    expect(localPath(next)).toBe('/')
  },
)
