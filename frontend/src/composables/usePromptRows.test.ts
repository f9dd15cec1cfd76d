import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { beforeEach, expect, test, vi } from 'vitest'
import * as client from '@/api/client'
import { ApiProblem } from '@/api/client'
import { useDraft } from '@/stores/draft'
import { aFile, anUpload } from '@/testing/fakes'
import { itemOf, usePromptRows } from './usePromptRows'
import { useUploads } from './useUploads'

vi.mock('@/api/client', async (original) => ({
  ...(await original<typeof client>()),
  readTable: vi.fn(),
  deleteUpload: () => Promise.resolve(),
}))
const readTable = vi.mocked(client.readTable)
setActivePinia(createPinia())
const { draft } = useDraft()
const { images } = useUploads()
const rows = usePromptRows()

const bring = (...names: string[]) => images.restore(names.map((name) => ({ ...anUpload(name), name, prompt: '' })))
const items = () => rows.made.value.map(itemOf)
async function read(columns: string[], cells: string[][], file_column: number | null = null) {
  readTable.mockResolvedValue({ columns, rows: cells, file_column })
  await rows.read(aFile('t.csv'))
}

beforeEach(() => {
  images.clear()
  rows.clear()
  draft.prompt = '{c}'
})

test('where nothing is, one row stands ready and becomes a picture when it is filled in', () => {
  const [first] = rows.lines.value
  expect([rows.more.value.length, rows.missing.value]).toEqual([0, [{ number: 1, name: 'c' }]])
  if (first) rows.fill([[first, 'c', 'red']])
  expect(rows.more.value.map(itemOf)).toEqual([{ variables: { c: 'red' } }])
  expect(rows.missing.value).toEqual([])
})

test('the values that a prompt uses go with each image, others stay in the table', async () => {
  bring('a.jpg', 'b.jpg')
  await read(['file', 'C', 'more'], [['b.jpg', 'blue', 'x'], ['a', 'red', 'y']], 0) // prettier-ignore
  expect(rows.columns.value).toEqual(['c', 'more'])
  expect(items().map(({ name, variables }) => [name, variables])).toEqual([
    ['a.jpg', { c: 'red' }],
    ['b.jpg', { c: 'blue' }],
  ])
})

test('a second row of one image is another picture of it', async () => {
  bring('a.jpg')
  await read(['file', 'c'], [['a.jpg', 'red'], ['a.jpg', 'blue']], 0) // prettier-ignore
  expect(rows.lines.value.map(({ kind, number }) => [kind, number])).toEqual([
    ['image', 1],
    ['again', 2],
  ])
  expect(items()[1]).toEqual({ upload_id: 'a.jpg', name: 'a.jpg', variables: { c: 'blue' } })
})

test('a table that comes before its images waits for them, and makes no picture from words beside them', async () => {
  await read(['name', 'c'], [['Shoe', 'red'], ['Boot', 'blue']], 0) // prettier-ignore
  expect(rows.made.value.map(({ kind }) => kind)).toEqual(['text', 'text'])
  bring('shoe.png')
  await nextTick()
  expect(items()).toEqual([{ upload_id: 'shoe.png', name: 'shoe.png', variables: { c: 'red' } }])
  expect(rows.waiting.value).toBe(1)
  rows.makeFromText()
  expect(items()[1]).toEqual({ name: 'Boot', variables: { c: 'blue' } })
})

test('another table replaces what came with the last, rows made by hand stay', async () => {
  rows.add()
  await read(['c'], [['1'], ['2']])
  await read(['c'], [['3']])
  expect(rows.lines.value.map(({ values }) => values.c)).toEqual([undefined, '3'])
})

test('a table that cannot be read changes nothing and says why', async () => {
  readTable.mockRejectedValue(new ApiProblem(422, 'table_unreadable', 'save it as CSV'))
  expect(await rows.read(aFile('t.xlsx'))).toBe(false)
  expect([rows.problem.value, draft.rows.length, rows.busy.value]).toEqual(['save it as CSV', 0, false])
})
