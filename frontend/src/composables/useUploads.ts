/** The two queues of the workspace, base images and references, kept in the draft. */
import { watchDebounced } from '@vueuse/core'
import { effectScope, markRaw } from 'vue'
import { deleteUpload } from '@/api/client'
import { useCatalogue } from '@/stores/catalogue'
import { useDraft, type KeptImage, type Unfinished } from '@/stores/draft'
import { isLeaving } from '@/stores/session'
import { createUploads, type Uploads } from './uploadQueue'
import type { Tile } from './uploadTiles'

interface Queues {
  images: Uploads
  references: Uploads
}
const LOST_NAMES = 3

function createQueues(): Queues {
  const catalogue = useCatalogue()
  const { draft, save } = useDraft()
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
    draft.images = keep(all.images.tiles.value)
    draft.references = keep(all.references.tiles.value)
    draft.unfinished = unfinished(both)
  }

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

function keep(tiles: readonly Tile[]): KeptImage[] {
  return tiles
    .filter((tile) => tile.state === 'done')
    .map(({ uploadId: id, name, folder, thumbnailThere: thumbnail_url, prompt, variables }) =>
      markRaw({ id, name, folder, thumbnail_url, prompt, variables }),
    )
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
