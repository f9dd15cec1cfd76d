/** The manifest.csv of an earlier zip, brought back: its rows are known by their items' ids. */
import type { Item, Review, Table } from '@/api/client'

export interface ManifestRow {
  itemId: string
  uploadId: string
  name: string
  folder: string
  prompt: string
  state: string
  review: Review
}
export const WHICH = ['all', 'changed', 'open'] as const
export type Which = (typeof WHICH)[number]
const NEEDED = ['item_id', 'upload_id', 'prompt', 'state']

const plain = (column: string) => column.trim().toLowerCase()

export function isManifest({ columns }: Table): boolean {
  const names = new Set(columns.map(plain))
  return NEEDED.every((name) => names.has(name))
}

export function rowsOf({ columns, rows }: Table): ManifestRow[] {
  const at = new Map(columns.map((name, i) => [plain(name), i]))
  return rows.flatMap((row) => {
    const cell = (name: string) => row[at.get(name) ?? -1] ?? ''
    const review = cell('review')
    const made: ManifestRow = {
      itemId: cell('item_id').trim(),
      uploadId: cell('upload_id').trim(),
      name: cell('source'),
      folder: cell('folder'),
      prompt: unguarded(cell('prompt')),
      state: cell('state'),
      review: review === 'approved' || review === 'rejected' ? review : 'none',
    }
    return made.prompt.trim() ? [made] : []
  })
}

/** A spreadsheet must not take words for a formula, so the manifest has an apostrophe before such. */
const unguarded = (words: string) => (/^'[=+\-@\t\r]/.test(words) ? words.slice(1) : words)

export const batchOf = (row: ManifestRow) => row.itemId.replace(/-\d+$/, '')

const squeezed = (words: string) => words.replaceAll(/\s+/g, ' ').trim()

/** `known`: the items as they are now. A row that is none of them is new, so it counts as changed. */
export function chosenOf(rows: readonly ManifestRow[], which: Which, known: ReadonlyMap<string, Item>): ManifestRow[] {
  if (which === 'changed')
    return rows.filter((row) => squeezed(row.prompt) !== squeezed(known.get(row.itemId)?.prompt ?? ''))
  if (which === 'open') return rows.filter((row) => row.state !== 'succeeded' || row.review === 'rejected')
  return [...rows]
}
