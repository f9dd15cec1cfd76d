/** An earlier batch in the workspace again: its images, its settings, and the words that the table has now. */
import { computed, shallowRef } from 'vue'
import { getBatch, listItems, type Batch, type Item, type Table } from '@/api/client'
import { useDraft } from '@/stores/draft'
import { batchOf, chosenOf, rowsOf, WHICH, type ManifestRow, type Which } from './manifests'
import { makeRow } from './promptTables'
import { asTemplate } from './promptTemplates'
import { usePromptRows } from './usePromptRows'
import { useUploads } from './useUploads'

const PAGE = 200
const COLUMN = 'prompt'

export function useManifest(table: Table) {
  const { draft, reuse } = useDraft()
  const { images } = useUploads()
  const prompts = usePromptRows()
  const rows = rowsOf(table)
  const batch = shallowRef<Batch>()
  const known = shallowRef<ReadonlyMap<string, Item>>(new Map())
  const loading = shallowRef(true)
  const counts = computed(
    () =>
      Object.fromEntries(WHICH.map((one) => [one, chosenOf(rows, one, known.value).length])) as Record<Which, number>,
  )

  async function look() {
    const id = rows[0] && batchOf(rows[0])
    try {
      if (!id) return
      batch.value = await getBatch(id)
      const found = new Map<string, Item>()
      let cursor: string | undefined
      do {
        const page = await listItems(id, { limit: PAGE, cursor })
        for (const item of page.items) found.set(item.id, item)
        cursor = page.next_cursor ?? undefined
      } while (cursor)
      known.value = found
    } catch {
      batch.value = undefined // deleted, or another's: the table alone has to do
    } finally {
      loading.value = false
    }
  }

  function take(which: Which) {
    const chosen = chosenOf(rows, which, known.value)
    if (batch.value) reuse(batch.value)
    draft.variants = 1 // each picture of before has a row of its own
    images.bring(distinct(chosen).map(kept))
    const words = new Set(chosen.map((row) => row.prompt))
    draft.prompt = words.size === 1 ? asTemplate(chosen[0]?.prompt ?? '') : `{${COLUMN}}`
    draft.columns = words.size === 1 ? [] : [COLUMN]
    const first = new Set<string>()
    const more = chosen.filter((row) => !row.uploadId || first.size === first.add(row.uploadId).size)
    fill(chosen.filter((row) => !more.includes(row)))
    prompts.addRows(more.map((row) => makeRow({ file: row.name, values: valuesOf(row), text: !row.uploadId })))
  }

  function fill(own: readonly ManifestRow[]) {
    const by = new Map(own.map((row) => [row.uploadId, row]))
    for (const tile of images.tiles.value) {
      const row = by.get(tile.uploadId)
      if (!row) continue
      tile.prompt = ''
      tile.variables = valuesOf(row)
    }
  }

  void look()
  return { batch, loading, counts, total: rows.length, take }
}

const valuesOf = (row: ManifestRow) => ({ [COLUMN]: row.prompt })

const kept = ({ uploadId: id, name, folder }: ManifestRow) => ({
  id,
  name,
  folder,
  thumbnail_url: `/static/thumbnails/${id}.webp`,
  prompt: '',
})

function distinct(rows: readonly ManifestRow[]): ManifestRow[] {
  return [...new Map(rows.filter((row) => row.uploadId).map((row) => [row.uploadId, row])).values()]
}
