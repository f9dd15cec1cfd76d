/** Another batch like an earlier one: its prompt, settings and images fill the workspace. */
import { markRaw, toRaw } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { Batch, Upload } from '@/api/client'
import { listSources, type Sources } from '@/api/history'
import { useDraft, type Draft, type KeptImage } from '@/stores/draft'
import { useUndo } from '@/stores/undo'
import { makeRow, type TextRow } from './promptTables'
import { useUploads } from './useUploads'

type Filled = Pick<Draft, 'images' | 'references' | 'rows' | 'columns'>

function kept({ id, thumbnail_url }: Upload, name: string, more: Partial<KeptImage> = {}): KeptImage {
  return { id, name, thumbnail_url, prompt: '', ...more }
}

/** An image that was used twice is one image and a row that names it. */
export function filledBy({ items, references }: Pick<Sources, 'items' | 'references'>): Filled {
  const images = new Map<string, KeptImage>()
  const rows: TextRow[] = []
  for (const { upload, name, prompt, variables, folder } of items) {
    const known = upload && images.get(upload.id)
    if (known) rows.push(makeRow({ file: known.name, values: variables, text: false }))
    else if (upload) images.set(upload.id, kept(upload, name, { prompt: prompt ?? '', variables, folder }))
    else if (Object.keys(variables).length) rows.push(makeRow({ values: variables }))
  }
  return {
    images: [...images.values()],
    references: references.map((one) => kept(one, one.filename)),
    rows: markRaw(rows),
    columns: [...new Set(rows.flatMap(({ values }) => Object.keys(values)))],
  }
}

export function useReuse() {
  const { t } = useI18n()
  const router = useRouter()
  const { draft, reuse, save } = useDraft()
  const { images, references } = useUploads()
  const { offer } = useUndo()

  function fill(filled: Filled) {
    images.replace(filled.images)
    references.replace(filled.references)
    Object.assign(draft, { rows: filled.rows, columns: filled.columns })
    save()
  }

  return async (batch: Batch) => {
    const before = { ...toRaw(draft), images: images.kept(), references: references.kept() }
    const worth = before.prompt.trim() !== '' || before.images.length > 0
    reuse(batch)
    void router.push({ name: 'workspace' })
    const sources = await listSources(batch.id).catch(() => undefined)
    if (sources) fill(filledBy(sources))
    const left = sources ? sources.left_out : 1
    if (!left && !worth) return
    const words = left ? t('history.imagesMissing', left) : t('history.replaced', { name: batch.name })
    offer(words, worth ? () => (Object.assign(draft, before), fill(before)) : undefined)
  }
}
