import { expect, test } from 'vitest'
import { anUpload } from '@/testing/fakes'
import { filledBy } from './useReuse'

const source = (upload: string | null, more = {}) => ({
  upload: upload ? anUpload(upload) : null,
  name: `${upload}.png`,
  prompt: null,
  variables: {},
  folder: '',
  ...more,
})

test('images, own prompts, values and references come back as they were given', () => {
  const items = [source('u1', { variables: { colour: 'red' }, folder: 'shoes' }), source('u2', { prompt: 'its own' })]
  const { images, references, rows } = filledBy({ items, references: [anUpload('u3')] })
  expect(images.map(({ id, prompt, variables, folder }) => [id, prompt, variables, folder])).toEqual([
    ['u1', '', { colour: 'red' }, 'shoes'],
    ['u2', 'its own', {}, ''],
  ])
  expect(references.map(({ id }) => id)).toEqual(['u3'])
  expect(rows).toEqual([])
})

test('an image that was used again is a row that names it; what had no image is a row of values', () => {
  const items = [
    source('u1'),
    source('u1', { variables: { colour: 'blue' } }),
    source(null, { variables: { colour: 'red' } }),
  ]
  const { images, rows, columns } = filledBy({ items, references: [] })
  expect(images).toHaveLength(1)
  expect(rows.map(({ file, text, values }) => [file, text, values.colour])).toEqual([
    ['u1.png', false, 'blue'],
    ['', true, 'red'],
  ])
  expect(columns).toEqual(['colour'])
})

test('a prompt alone needs no row', () => {
  expect(filledBy({ items: [source(null)], references: [] }).rows).toEqual([])
})
