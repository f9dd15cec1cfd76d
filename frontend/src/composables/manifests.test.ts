import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import { flushPromises } from '@vue/test-utils'
import * as client from '@/api/client'
import * as history from '@/api/history'
import { useDraft } from '@/stores/draft'
import { useUndo } from '@/stores/undo'
import { aBatch, aFile, anItem, anUpload } from '@/testing/fakes'
import { chosenOf, isManifest, rowsOf } from './manifests'
import { useManifest } from './useManifest'
import { itemOf, usePromptRows } from './usePromptRows'
import { useUploads } from './useUploads'

vi.mock('@/api/client', async (original) => ({
  ...(await original<typeof client>()),
  readTable: vi.fn(),
  getBatch: vi.fn(),
  listItems: vi.fn(),
  deleteUpload: () => Promise.resolve(),
}))
vi.mock('@/api/history', async (original) => ({
  ...(await original<typeof history>()),
  listSources: vi.fn(),
}))
setActivePinia(createPinia())
const { draft } = useDraft()
const { images, references } = useUploads()
const { undo } = useUndo()
const prompts = usePromptRows()

const COLUMNS = ['index', 'file', 'folder', 'source', 'state', 'review', 'prompt', 'item_id', 'upload_id']
const table = (...rows: string[][]) => ({ columns: COLUMNS, rows, file_column: 1 })
const row = (n: number, prompt: string, { upload = `u${n}`, review = 'none', state = 'succeeded', folder = '' } = {}) =>
  [String(n), `${n}.png`, folder, `${n}.jpg`, state, review, prompt, `b1-${n}`, upload] // prettier-ignore
const items = [0, 1, 2].map((n) => anItem(`b1-${n}`, 1, { index: n, prompt: 'p' }))
const known = new Map(items.map((item) => [item.id, item]))
const made = () => prompts.made.value.map(itemOf)

beforeEach(() => {
  images.clear()
  references.clear()
  prompts.clear()
  draft.prompt = ''
  vi.mocked(client.getBatch).mockResolvedValue(aBatch('b1', 1, { provider: 'gemini', model: 'm', variants: 3 }))
  vi.mocked(history.listSources).mockResolvedValue({ items: [], references: [anUpload('r1')], left_out: 0 })
  vi.mocked(client.listItems).mockResolvedValue({ items, next_cursor: null, total: 3 })
})

test('a manifest is known by its columns; any other table is values', async () => {
  expect(isManifest(table())).toBe(true)
  expect(isManifest({ columns: ['file', 'prompt'], rows: [], file_column: 0 })).toBe(false)
  vi.mocked(client.readTable).mockResolvedValue(table(row(0, 'p')))
  await prompts.read(aFile('manifest.csv'))
  expect(prompts.manifest.value?.rows).toHaveLength(1)
  expect(draft.columns).toEqual([])
})

test('rows are told from the items of before by their ids', () => {
  const rows = rowsOf(
    table(row(0, 'p'), row(1, 'q', { review: 'rejected' }), row(2, ' p\n'), row(9, 'p', { state: 'failed' })),
  )
  const ids = (which: 'all' | 'changed' | 'open') => chosenOf(rows, which, known).map((one) => one.itemId)
  expect(ids('all')).toHaveLength(4)
  expect(ids('changed')).toEqual(['b1-1', 'b1-9'])
  expect(ids('open')).toEqual(['b1-1', 'b1-9'])
})

test('the apostrophe that keeps a spreadsheet from a formula is none of the words', () => {
  const words = (prompt: string) => rowsOf(table(row(0, prompt)))[0]?.prompt
  expect(["'=p", "'-p", "'s p", 'p'].map(words)).toEqual(['=p', '-p', "'s p", 'p'])
})

test('one prompt for all stays one, with its braces; images, folders and settings come back', async () => {
  const manifest = useManifest(table(row(0, 'a {x}', { folder: 'shoes' }), row(1, 'a {x}')))
  await flushPromises()
  manifest.take('all')
  expect([draft.prompt, draft.provider, draft.variants]).toEqual(['a {{x}}', 'gemini', 1])
  expect(images.tiles.value.map((tile) => [tile.uploadId, tile.name, tile.folder])).toEqual([['u0', '0.jpg', 'shoes'], ['u1', '1.jpg', '']]) // prettier-ignore
})

test('each picture has its own words again: with an image, with the same one, and with none', async () => {
  const manifest = useManifest(table(row(0, 'red'), row(1, 'blue', { upload: 'u0' }), row(2, 'green', { upload: '' })))
  await flushPromises()
  expect(manifest.counts.value.changed).toBe(3)
  manifest.take('all')
  expect(draft.prompt).toBe('{prompt}')
  expect(prompts.missing.value).toEqual([])
  expect(made()).toMatchObject([
    { upload_id: 'u0', variables: { prompt: 'red' } },
    { upload_id: 'u0', variables: { prompt: 'blue' } },
    { variables: { prompt: 'green' } },
  ])
})

test('where the batch is gone the table alone brings its words back', async () => {
  vi.mocked(client.getBatch).mockRejectedValue(new client.ApiProblem(404, 'not_found', 'gone'))
  const manifest = useManifest(table(row(0, 'red'), row(1, 'blue')))
  await flushPromises()
  expect([manifest.batch.value, manifest.loading.value]).toEqual([undefined, false])
  manifest.take('all')
  expect(images.counts.done).toBe(2)
})

test('references come back with it, foreign images go, and what was there before is one undo away', async () => {
  images.replace([{ id: 'x', name: 'x.jpg', thumbnail_url: '', prompt: '' }])
  draft.prompt = 'of before'
  const manifest = useManifest(table(row(0, 'red'), row(1, 'red')))
  await flushPromises()
  manifest.take('all')
  expect(made()).toHaveLength(2)
  expect([images, references].map(({ tiles }) => tiles.value.map(({ uploadId }) => uploadId))).toEqual([
    ['u0', 'u1'],
    ['r1'],
  ])
  await undo()
  expect([draft.prompt, images.tiles.value.map(({ uploadId }) => uploadId)]).toEqual(['of before', ['x']])
})
