/** An earlier batch in the workspace again: its images, its settings, and the words that the table has now. */
import { computed, shallowRef } from 'vue'
import { getBatch, listItems, type Batch, type Item, type Table } from '@/api/client'
import { listSources, type Sources } from '@/api/history'
import { i18n } from '@/locales'
import { useDraft } from '@/stores/draft'
import { useUndo } from '@/stores/undo'
import { batchOf, chosenOf, rowsOf, WHICH, type ManifestRow, type Which } from './manifests'
import { asTemplate } from './promptTemplates'
import { filledBy, useFilling } from './useReuse'
import { useUploads } from './useUploads'

const PAGE = 200
const COLUMN = 'prompt'

export function useManifest(table: Table) {
  const { draft, reuse } = useDraft()
  const { references } = useUploads()
  const { fill, remember } = useFilling()
  const { offer } = useUndo()
  const rows = rowsOf(table)
  const batch = shallowRef<Batch>()
  const known = shallowRef<ReadonlyMap<string, Item>>(new Map())
  const sources = shallowRef<Sources>()
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
      sources.value = await listSources(id).catch(() => undefined) // then the references stay as they are
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

  /** What was there before can be brought back. */
  function take(which: Which) {
    const chosen = chosenOf(rows, which, known.value)
    const back = remember()
    const given = sources.value?.references
    const kept = references.kept()
    if (batch.value) reuse(batch.value)
    const words = new Set(chosen.map((row) => row.prompt))
    draft.variants = 1 // each picture of before has a row of its own
    draft.prompt = words.size === 1 ? asTemplate(chosen[0]?.prompt ?? '') : `{${COLUMN}}`
    const filled = filledBy({ items: chosen.map(itemOf), references: given ?? [] })
    const columns = words.size === 1 ? [] : [COLUMN]
    fill({ ...filled, columns, references: given ? filled.references : kept })
    if (back) offer(i18n.global.t('history.replaced', { name: batch.value?.name ?? '' }), back)
  }

  void look()
  return { batch, loading, counts, total: rows.length, take }
}

const itemOf = ({ uploadId: id, name, folder, prompt }: ManifestRow) => ({
  upload: id ? { id, thumbnail_url: `/static/thumbnails/${id}.webp` } : null,
  name,
  folder,
  prompt: null,
  variables: { [COLUMN]: prompt },
})
