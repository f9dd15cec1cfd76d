import { expect, test } from 'vitest'
import { setLanguage } from '@/locales'
import { formatBytes } from './bytes'

test('sizes are told in the largest unit that they fill', async () => {
  await setLanguage('en')
  expect([0, 640 * 1024, 1.44 * 1024 ** 2, 50 * 1024 ** 3].map(formatBytes)).toEqual([
    '0 byte',
    '640 kB',
    '1.4 MB',
    '50 GB',
  ])
})
