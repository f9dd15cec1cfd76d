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
type Shown = Pick<Upload, 'id' | 'thumbnail_url'>
interface Given extends Pick<Sources, 'references'> {
  items: readonly (Omit<Sources['items'][number], 'upload'> & { upload: Shown | null })[]
}

function kept({ id, thumbnail_url }: Shown, name: string, more: Partial<KeptImage> = {}): KeptImage {
  return { id, name, thumbnail_url, prompt: '', ...more }
}

/** An image that was used twice is one image and a row that names it. */
export function filledBy({ items, references }: Given): Filled {
  const images = new Map<string, KeptImage>()
  const rows: TextRow[] = []
  for (const { upload, name, prompt, variables, folder } of items) {
    const known = upload && images.get(upload.id)
    if (known) rows.push(makeRow({ file: known.name, upload: known.id, values: variables, text: false }))
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

/** Other work in the draft's place, and the draft that was there back again. */
export function useFilling() {
  const { draft, save } = useDraft()
  const { images, references } = useUploads()

  function fill(filled: Filled) {
    images.replace(filled.images)
    references.replace(filled.references)
    Object.assign(draft, { rows: filled.rows, columns: filled.columns })
    save()
  }

  /** How what is there now is brought back, files that are still on their way too; undefined: nobody would miss it. */
  function remember(): (() => void) | undefined {
    const before = { ...toRaw(draft), images: images.kept(), references: references.kept() }
    const [files, more] = [images.unsent(), references.unsent()]
    const things = [before.rows, before.images, before.references, files, more]
    if (!before.prompt.trim() && !things.some((some) => some.length)) return undefined
    return () => {
      Object.assign(draft, before)
      fill(before)
      images.add(files)
      references.add(more)
    }
  }

  return { fill, remember }
}

export function useReuse() {
  const { t } = useI18n()
  const router = useRouter()
  const { reuse } = useDraft()
  const { fill, remember } = useFilling()
  const { offer } = useUndo()

  return async (batch: Batch) => {
    const back = remember()
    reuse(batch)
    void router.push({ name: 'workspace' })
    const sources = await listSources(batch.id).catch(() => undefined)
    if (sources) fill(filledBy(sources))
    const left = sources ? sources.left_out : 1
    if (!left && !back) return
    offer(left ? t('history.imagesMissing', left) : t('history.replaced', { name: batch.name }), back)
  }
}
