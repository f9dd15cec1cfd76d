import { expect, test } from 'vitest'
import { assign, cellsOf, giveWay, imageOf, makeRow } from './promptTables'

const images = (...names: string[]) => names.map((name) => ({ name }))
const table = (columns: string[], rows: string[][], file_column: number | null = null) => ({
  columns,
  rows,
  file_column,
})

test('a block that a spreadsheet copies is cut into its cells', () => {
  expect(cellsOf('a\tb\r\nc\td\r\n')).toEqual([['a', 'b'], ['c', 'd']]) // prettier-ignore
  expect(cellsOf('one')).toEqual([['one']])
  expect(cellsOf('a\t\tb')).toEqual([['a', '', 'b']])
  expect(cellsOf('"two\nlines"\t"a ""b"""\nx\t')).toEqual([['two\nlines', 'a "b"'], ['x', '']]) // prettier-ignore
  expect(cellsOf('5" pipe\t"')).toEqual([['5" pipe', '"']])
})

test('rows find their images by name: without case, then without ending, each image once', () => {
  const [a, b, c] = images('IMG_1.JPG', '鞋 2.png', 'cap.webp') as [
    { name: string },
    { name: string },
    { name: string },
  ]
  const given = assign(
    table(['file', 'c'], [['img_1.jpg', '1'], ['鞋 2', '2'], ['CAP.jpg', '3'], ['img_1.jpg', '4'], ['none.jpg', '5']], 0), // prettier-ignore
    [a, b, c],
    ['c'],
  )
  expect([a, b, c].map((one) => given.values.get(one)?.c)).toEqual(['1', '2', '3'])
  expect(given.rows.map(({ file, values, text }) => [file, values.c, text])).toEqual([
    ['img_1.jpg', '4', false],
    ['none.jpg', '5', false],
  ])
  const find = imageOf([a, b, c])
  expect(given.rows.map(find)).toEqual([a, undefined])
})

test('without a column of names rows go in order, and what is left waits', () => {
  const [a, b] = images('x.jpg', 'y.jpg') as [{ name: string }, { name: string }]
  const given = assign(table(['c'], [['1'], ['2'], ['3']]), [a, b], [])
  expect([given.values.get(a), given.values.get(b)]).toEqual([{ c: '1' }, { c: '2' }])
  expect(given.rows.map(({ values, text }) => [values, text])).toEqual([[{ c: '3' }, false]])
})

test('a column called name that names no image is a variable like others', () => {
  const [a] = images('x.jpg') as [{ name: string }]
  expect(assign(table(['name', 'c'], [['Shoe', '1']], 0), [a], []).values.get(a)).toEqual({ name: 'Shoe', c: '1' })
})

test('without images rows are made from text, unless they name files', () => {
  const rows = assign(table(['name', 'c'], [['Shoe', '1'], ['boot.png', '2']], 0), [], []).rows // prettier-ignore
  expect(rows.map(({ file, text }) => [file, text])).toEqual([
    ['Shoe', true],
    ['boot.png', false],
  ])
})

test('a header meets its variable whatever its case, and never stands for the file name', () => {
  const [row] = assign(table(['COLOUR', 'filename', 'a.b'], [['red', 'x.jpg', 'z']], 1), [], ['Colour']).rows
  expect(row?.values).toEqual({ Colour: 'red' })
})

test('images that come later take loose rows, rows made by hand stay', () => {
  const rows = [
    makeRow({ file: 'b', values: { c: '1' }, loose: true }),
    makeRow({ values: { c: '2' } }),
    makeRow({ values: { c: '3' }, loose: true }),
  ]
  const [a, b] = images('a.jpg', 'b.jpg') as [{ name: string }, { name: string }]
  const given = giveWay(rows, [a, b])
  expect([given.values.get(a), given.values.get(b)]).toEqual([{ c: '3' }, { c: '1' }])
  expect(given.rows).toEqual([rows[1]])
})

test('ten thousand rows find ten thousand images at once', () => {
  const many = images(...Array.from({ length: 10_000 }, (_, n) => `${n}.jpg`))
  const rows = many.map(({ name }) => [name, 'x'])
  expect(assign(table(['file', 'c'], rows, 0), many, []).values.size).toBe(10_000)
})

test('a row that knows its image is not given another of the same name', () => {
  const [red, blue] = [
    { name: '1.jpg', uploadId: 'u1' },
    { name: '1.jpg', uploadId: 'u2' },
  ]
  const find = imageOf([red, blue])
  expect(find(makeRow({ file: '1.jpg', upload: 'u2' }))).toBe(blue)
  expect(find(makeRow({ file: '1.jpg' }))).toBe(red)
  expect(find(makeRow({ file: '1.jpg', upload: 'gone' }))).toBe(red)
})
