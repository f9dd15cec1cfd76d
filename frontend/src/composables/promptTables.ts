/** Tables of values: pasted blocks, and which row belongs to which image. */
import type { Table } from '@/api/client'
import { FILENAME, cleanName, isName, type Values } from './promptTemplates'

/** A row that is no image of the list by itself. */
export interface TextRow {
  readonly id: string
  /** The image that it names; "": none. */
  readonly file: string
  /** The upload that it is of, where that is known: names may be those of several. */
  readonly upload?: string
  readonly values: Values
  /** A picture from words alone; else it waits for its image. */
  readonly text: boolean
  /** Came with a table: gives way to an image that comes later. */
  readonly loose: boolean
}
export interface Named {
  readonly name: string
}
export interface Assigned<T> {
  readonly values: Map<T, Values>
  readonly rows: TextRow[]
}

const ENDING = /\.(jpe?g|jpe|jfif|png|webp|hei[cf]|avif|bmp|dib|tiff?|gif)$/i
let made = 0

export function makeRow(more: Partial<TextRow> = {}): TextRow {
  return { id: `row-${Date.now().toString(36)}-${++made}`, file: '', values: {}, text: true, loose: false, ...more }
}

const CELL = /("(?:[^"]|"")*"|[^\t\r\n]*)(\t|\r?\n|\r|$)/g

/** A block of cells as a spreadsheet copies it: tabs and lines, quotes where a cell holds either. */
export function cellsOf(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, raw = '', end] of text.matchAll(CELL)) {
    row.push(raw.length > 1 && raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw)
    if (end === '\t') continue
    rows.push(row)
    row = []
    if (!end) break
  }
  if (rows.length > 1 && rows.at(-1)?.join('') === '') rows.pop() // the line that ends the last row
  return rows
}

/** Names are the same without regard to case and composition, and at second try without their endings. */
function createIndex<T extends Named>(items: readonly T[]) {
  const whole = new Map<string, T[]>()
  const bare = new Map<string, T[]>()
  for (const item of items) {
    push(whole, keyOf(item.name), item)
    push(bare, bareOf(item.name), item)
  }
  return (name: string) => whole.get(keyOf(name)) ?? bare.get(bareOf(name)) ?? []
}

function push<T>(lists: Map<string, T[]>, key: string, item: T) {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}

const keyOf = (name: string) => (name.split(/[/\\]/).at(-1) ?? '').normalize('NFC').trim().toLowerCase()
const bareOf = (name: string) => keyOf(name).replace(ENDING, '')

/** The values of a row under the names that the prompt knows them by; a header's case does not count. */
function named(table: Table, variables: readonly string[]): (row: readonly string[]) => Values {
  const known = new Map(variables.map((name) => [name.toLowerCase(), name]))
  const names = table.columns.map((column) => known.get(cleanName(column).toLowerCase()) ?? cleanName(column))
  return (row) =>
    Object.fromEntries(
      names.flatMap((name, i) => (row[i] && isName(name) && name !== FILENAME ? [[name, row[i]] as const] : [])),
    )
}

/** Give the rows of `table` to `images`: by name where a column has names, else in order; what is left becomes rows. */
export function assign<T extends Named>(table: Table, images: readonly T[], variables: readonly string[]): Assigned<T> {
  const valuesOf = named(table, variables)
  const column = table.file_column
  const file = (row: readonly string[]) => (column === null ? '' : (row[column] ?? ''))
  const names = table.rows.map(file)
  const find = createIndex(images)
  const byName = names.some((name) => name && (ENDING.test(name) || find(name).length > 0)) || !images.length
  const rows = table.rows.map((row) =>
    makeRow({
      file: byName ? file(row) : '',
      values: valuesOf(row),
      text: !images.length && !ENDING.test(file(row)),
      loose: true,
    }),
  )
  return giveWay(rows, images)
}

/** Loose rows go to the images that have no values yet: by name, else in order. */
export function giveWay<T extends Named>(rows: readonly TextRow[], images: readonly T[]): Assigned<T> {
  const find = createIndex(images)
  const values = new Map<T, Values>()
  const rest = rows.filter((row) => {
    const image = row.loose && row.file ? find(row.file).find((one) => !values.has(one)) : undefined
    if (image) values.set(image, row.values)
    return !image
  })
  const free = images.filter((image) => !values.has(image)).values()
  const left = rest.filter((row) => {
    const image = row.loose && !row.file ? free.next().value : undefined
    if (image) values.set(image, row.values)
    return !image
  })
  return { values, rows: left }
}

/** The image that a row names. */
export function imageOf<T extends Named & { readonly uploadId?: string }>(images: readonly T[]) {
  const find = createIndex(images)
  const byId = new Map(images.map((one) => [one.uploadId, one]))
  return (row: TextRow): T | undefined =>
    (row.upload && byId.get(row.upload)) || (row.file ? find(row.file)[0] : undefined)
}
