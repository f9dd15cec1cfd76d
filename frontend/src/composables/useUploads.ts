/** The two queues of the workspace, base images and references, kept in the draft. */
import { watchDebounced } from '@vueuse/core'
import { effectScope, watch } from 'vue'
import { deleteUpload } from '@/api/client'
import { useCatalogue } from '@/stores/catalogue'
import { useDraft, type Unfinished } from '@/stores/draft'
import { isLeaving } from '@/stores/session'
import { createShelf } from './fileShelf'
import { createUploads, type Uploads } from './uploadQueue'

interface Queues {
  images: Uploads
  references: Uploads
}
const LOST_NAMES = 3

function createQueues(): Queues {
  const catalogue = useCatalogue()
  const { draft, save, person, dismissLost } = useDraft()
  const limits = () => catalogue.limits
  const all: Queues = {
    images: createUploads({ limits, most: () => limits()?.max_batch_items ?? Infinity, forget }),
    references: createUploads({ limits, most: () => modelNow()?.max_references ?? Infinity, forget }),
  }
  const both = [all.images, all.references]
  const modelNow = () => catalogue.model(draft.provider, draft.model)

  let forgetting = Promise.resolve()

  function forget(uploadId: string) {
    if (both.some((one) => one.tiles.value.some((tile) => tile.uploadId === uploadId))) return
    // one after another: a cleared thousand must not crowd out what is being sent
    forgetting = forgetting.then(() => deleteUpload(uploadId)).catch(() => undefined) // in use by a batch: it stays
  }

  all.images.restore(draft.images)
  all.references.restore(draft.references)
  function persist() {
    draft.images = all.images.kept()
    draft.references = all.references.kept()
    draft.unfinished = unfinished(both)
  }

  const shelf = createShelf(person)
  const onTheirWay = () => shelf.sync({ images: all.images.tiles.value, references: all.references.tiles.value })
  watch(() => both.map(({ tiles, counts }) => [tiles.value, counts.done, counts.failed]), onTheirWay)
  void shelf
    .takeLeft(({ list, files }) => {
      dismissLost() // they were not lost after all
      ;(list === 'references' ? all.references : all.images).add(files)
      onTheirWay()
    })
    .catch(() => undefined)

  watchDebounced(() => both.map(state), persist, { debounce: 300, maxWait: 1000 })
  window.addEventListener('pagehide', () => {
    persist()
    save()
  })
  window.addEventListener('beforeunload', (event) => {
    if (!isLeaving() && both.some(({ counts }) => counts.waiting + counts.uploading > 0)) event.preventDefault()
  })
  return all
}

/** All that a saved draft depends on. */
function state({ tiles, counts }: Uploads) {
  return [
    counts.done,
    counts.failed,
    counts.waiting,
    counts.uploading,
    tiles.value.map((tile) => [tile.prompt, tile.variables]),
  ]
}

function unfinished(queues: readonly Uploads[]): Unfinished {
  const tiles = queues.flatMap((one) => one.tiles.value)
  const left = tiles.filter((tile) => tile.state === 'waiting' || tile.state === 'uploading')
  return { count: left.length, names: left.slice(0, LOST_NAMES).map((tile) => tile.name) }
}

let shared: Queues | undefined
export function useUploads(): Queues {
  return (shared ??= effectScope(true).run(createQueues) as Queues)
}
