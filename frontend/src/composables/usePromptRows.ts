/** The rows of the draft: its images and what is made without one, each with the values of the prompt's variables. */
import { computed, effectScope, markRaw, shallowRef, watch } from 'vue'
import { asProblem, readTable, readTableText, type BatchItem, type Table } from '@/api/client'
import { useDraft } from '@/stores/draft'
import { assign, giveWay, imageOf, makeRow, type TextRow } from './promptTables'
import { isManifest } from './manifests'
import { FILENAME, missingIn, valuesUsed, variablesOf, type Values } from './promptTemplates'
import type { Tile } from './uploadTiles'
import { useUploads } from './useUploads'

/** image: one of the list. again: another picture of one. text: from words alone. waiting: its image is not here. */
export type Kind = 'image' | 'again' | 'text' | 'waiting'
export interface Line {
  readonly key: string
  readonly kind: Kind
  /** As Start and the server count; 0: it will not be made. */
  readonly number: number
  readonly name: string
  readonly tile: Tile | undefined
  readonly row: TextRow | undefined
  readonly values: Values
  readonly prompt: string
}
export interface Missing {
  number: number
  name: string
}

/** What there is to fill in. */
function createLines() {
  const { draft } = useDraft()
  const { images } = useUploads()
  const tiles = computed(() => images.tiles.value.filter((tile) => tile.state !== 'failed'))
  const used = computed(() => {
    const own = new Set(tiles.value.map((tile) => tile.prompt).filter(Boolean))
    return [...new Set([draft.prompt, ...own].flatMap(variablesOf))]
  })
  const variables = computed(() => used.value.filter((name) => name !== FILENAME))

  const lines = computed(() => {
    const find = imageOf(tiles.value)
    const here = tiles.value.map((tile) => lineOf(tile, undefined, 'image', draft.prompt))
    const rows = draft.rows.map((row) => {
      const tile = find(row)
      return lineOf(tile, row, tile ? 'again' : row.text ? 'text' : 'waiting', draft.prompt)
    })
    const made = [...here, ...rows.filter(({ kind }) => kind !== 'waiting')]
    const waiting = rows.filter(({ kind }) => kind === 'waiting')
    if (!made.length && !waiting.length) made.push(lineOf(undefined, undefined, 'text', draft.prompt))
    return [...made.map((line, i) => ({ ...line, number: i + 1 })), ...waiting]
  })
  const made = computed(() => lines.value.filter(({ number }) => number > 0))
  const missing = computed(() =>
    made.value.flatMap(({ number, prompt, values }): Missing[] =>
      missingIn(prompt, values).map((name) => ({ number, name })),
    ),
  )

  return {
    tiles,
    lines,
    /** Those of `lines` that become pictures. */
    made,
    /** From words alone, or another picture of an image. */
    more: computed(() => made.value.filter(({ row }) => row)),
    waiting: computed(() => lines.value.length - made.value.length),
    columns: computed(() => [...new Set([...variables.value, ...draft.columns])]),
    used,
    variables,
    missing,
  }
}

/** Tables that are read, and the images that they belong to. */
function createReading({ tiles, variables }: ReturnType<typeof createLines>, setRows: (rows: TextRow[]) => void) {
  const { draft } = useDraft()
  const { images } = useUploads()
  const problem = shallowRef('')
  const busy = shallowRef(false)
  const manifest = shallowRef<Table>() // of an earlier batch: what is to be made of it is asked first

  function take(table: Table) {
    const kept = draft.rows.filter((row) => !row.loose)
    const given = assign(table, tiles.value, variables.value)
    for (const [tile, values] of given.values) tile.variables = { ...tile.variables, ...values }
    draft.columns = [...new Set(columnsOf(table, variables.value))]
    setRows([...kept, ...given.rows])
  }

  async function read(source: Promise<Table>) {
    busy.value = true
    problem.value = ''
    try {
      const table = await source
      if (isManifest(table)) manifest.value = table
      else take(table)
      return true
    } catch (reason) {
      problem.value = asProblem(reason).message
      return false
    } finally {
      busy.value = false
    }
  }

  watch(images.tiles, (now, before) => {
    const known = new Set(before)
    const fresh = now.filter((tile) => !known.has(tile) && tile.state !== 'failed')
    if (!fresh.length || !draft.rows.some(({ loose }) => loose)) return
    const given = giveWay(draft.rows, fresh)
    for (const [tile, values] of given.values) tile.variables = values
    // what is left waits for its image: nobody asked for pictures from words beside images
    setRows(given.rows.map((row) => (row.loose ? { ...row, text: false } : row)))
  })

  return {
    problem,
    busy,
    manifest,
    read: (file: File) => read(readTable(file)),
    readText: (text: string) => read(readTableText(text)),
  }
}

function createPromptRows() {
  const { draft } = useDraft()
  const { images } = useUploads()
  const setRows = (rows: readonly TextRow[]) => (draft.rows = markRaw([...rows]))
  const all = createLines()
  const reading = createReading(all, setRows)

  /** Several cells at once, `[line, column, value]`: one change. */
  function fill(cells: readonly (readonly [Line, string, string])[]) {
    const rows = new Map(draft.rows.map((row) => [row.id, row]))
    for (const [line, column, value] of cells) {
      if (line.tile && !line.row) line.tile.variables = { ...line.tile.variables, [column]: value }
      else {
        // where nothing is, the first row stands for it until it is filled in
        const row = rows.get(line.key) ?? makeRow({ id: line.key, loose: true })
        rows.set(row.id, { ...row, values: { ...row.values, [column]: value } })
      }
    }
    setRows([...rows.values()])
  }

  return {
    ...all,
    ...reading,
    fill,
    add: () => setRows([...draft.rows, makeRow()]),
    /** Rows that were pasted behind the last. */
    append: (values: readonly Values[]) =>
      setRows([...draft.rows, ...values.map((one) => makeRow({ values: one, loose: true }))]),
    remove: (gone: TextRow) => setRows(draft.rows.filter((row) => row !== gone)),
    makeFromText: () => setRows(draft.rows.map((row) => ({ ...row, text: true, loose: false }))),
    dropWaiting: () => setRows(draft.rows.filter((row) => row.text || imageOf(all.tiles.value)(row))),
    clear() {
      for (const tile of images.tiles.value) tile.variables = {}
      draft.columns = []
      reading.problem.value = ''
      setRows([])
    },
  }
}

function columnsOf(table: Table, variables: readonly string[]): string[] {
  const known = new Map(variables.map((name) => [name.toLowerCase(), name]))
  return table.columns
    .filter((_, i) => i !== table.file_column)
    .map((name) => known.get(name.toLowerCase()) ?? name)
    .filter((name) => name !== FILENAME)
}

function lineOf(tile: Tile | undefined, row: TextRow | undefined, kind: Kind, prompt: string): Line {
  return {
    key: row?.id ?? tile?.key ?? 'first',
    kind,
    number: 0,
    name: row?.file || tile?.name || '',
    tile,
    row,
    values: row?.values ?? tile?.variables ?? {},
    prompt: (row ? '' : tile?.prompt.trim() && tile.prompt) || prompt,
  }
}

/** A line as a batch carries it. */
export function itemOf({ name, tile, prompt, values }: Line): BatchItem {
  const variables = valuesUsed(prompt, values)
  return {
    ...(tile ? { upload_id: tile.uploadId } : {}),
    ...(name ? { name: tile?.name ?? name } : {}),
    ...(tile?.folder ? { folder: tile.folder } : {}),
    ...(Object.keys(variables).length ? { variables } : {}),
  }
}

let shared: ReturnType<typeof createPromptRows> | undefined
export function usePromptRows() {
  return (shared ??= effectScope(true).run(createPromptRows) as ReturnType<typeof createPromptRows>)
}
