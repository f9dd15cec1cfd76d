/** A queue of images on their way to the server. Files stay in memory, so a failed one can be sent again. */
import { markRaw, shallowRef } from 'vue'
import { asProblem, uploadImage, type Limits, type Upload } from '@/api/client'
import { i18n } from '@/locales'
import type { KeptImage } from '@/stores/draft'
import { folderOf, looksLikeImage } from './droppedFiles'
import { thumbnailOf } from './thumbnails'
import { createTiles, type Tile } from './uploadTiles'

/** What was left out. */
export interface Skipped {
  notImages: number
  twice: number
  tooMany: number
}
interface Options extends Ways {
  limits: () => Limits | undefined
  /** How many there may be. */
  most: () => number
  /** The server may forget this upload. */
  forget: (uploadId: string) => void
  thumbnail?: typeof thumbnailOf
}
interface Ways {
  upload?: typeof uploadImage
  pause?: (ms: number) => Promise<void>
}
export type Uploads = ReturnType<typeof createUploads>

const PARALLEL = 3
const AGAIN_AFTER_MS = [1000, 3000]
const PASSING = new Set(['offline', 'decoder_busy', 'state_unavailable'])
const nothing = (): Skipped => ({ notImages: 0, twice: 0, tooMany: 0 })

export function createUploads({ limits, most, forget, thumbnail = thumbnailOf, ...ways }: Options) {
  const list = createTiles()
  const skipped = shallowRef(nothing())
  const sender = createSender(list, ways, () => (skipped.value = { ...skipped.value, twice: skipped.value.twice + 1 }))

  function add(files: readonly File[]) {
    const here = list.tiles.value.map((tile) => tile.file && fingerprint(tile.file))
    const sifted = sift(files, new Set(here), most() - list.tiles.value.length)
    skipped.value = sifted.skipped
    list.append(sifted.taken.map(admit))
    sender.pump()
  }

  function admit(file: File): Tile {
    const tile = list.make(file.name, file, 'waiting', folderOf(file))
    const limit = limits()?.max_upload_mb ?? Infinity
    if (file.size > limit * 1024 * 1024) list.fail(tile, i18n.global.t('images.tooLarge', { limit }), false)
    else sender.enqueue(tile)
    void thumbnail(file).then((url) => {
      if (url && list.tiles.value.includes(tile)) tile.thumbnail = url
      else if (url) URL.revokeObjectURL(url)
    })
    return tile
  }

  function remove(...gone: readonly Tile[]) {
    gone.forEach(sender.cancel)
    list.drop(new Set(gone))
    for (const tile of gone) if (tile.uploadId) forget(tile.uploadId)
  }

  function retry(tile: Tile) {
    if (tile.state !== 'failed' || !tile.retryable) return
    tile.uploadId = ''
    list.move(tile, 'waiting')
    sender.enqueue(tile)
    sender.pump()
  }

  return {
    tiles: list.tiles,
    counts: list.counts,
    skipped,
    add,
    remove,
    retry,
    restore: list.restore,
    /** Images that can be used again. */
    kept: () => list.tiles.value.filter((tile) => tile.state === 'done').map(keptOf),
    /** Files of images that are not there yet. */
    unsent: () => list.tiles.value.flatMap(({ state, file }) => (state !== 'done' && file ? [file] : [])),
    /** Others in their place; those before stay on the server. */
    replace: (given: readonly KeptImage[]) => {
      list.tiles.value.forEach(sender.cancel)
      list.drop(new Set(list.tiles.value))
      list.restore(given)
      skipped.value = nothing()
    },
    retryFailed: () => list.tiles.value.forEach(retry),
    clear: () => {
      remove(...list.tiles.value)
      skipped.value = nothing()
    },
    dismissSkipped: () => (skipped.value = nothing()),
    /** The server no longer has it; it can be sent again where its file is still here. */
    gone: (tile: Tile, problem: string) => {
      if (tile.state === 'done') list.fail(tile, problem)
    },
  }
}

function keptOf({ uploadId: id, name, folder, thumbnailThere: thumbnail_url, prompt, variables }: Tile): KeptImage {
  return markRaw({ id, name, folder, thumbnail_url, prompt, variables })
}

/** Three at a time, in order. */
function createSender(
  { tiles, counts, move, fail, drop }: ReturnType<typeof createTiles>,
  ways: Ways,
  onTwice: () => void,
) {
  const queue = new Set<Tile>()
  const stops = new Map<Tile, AbortController>()

  function pump() {
    for (const tile of queue) {
      if (counts.uploading >= PARALLEL) return
      queue.delete(tile)
      void send(tile)
    }
  }

  async function send(tile: Tile) {
    const stop = new AbortController()
    stops.set(tile, stop)
    tile.progress = 0
    tile.problem = ''
    move(tile, 'uploading')
    try {
      const answer = await sendPatiently(tile, stop.signal, ways)
      if (!stop.signal.aborted) take(tile, answer)
    } catch (reason) {
      const problem = asProblem(reason)
      if (!stop.signal.aborted) fail(tile, problem.message, PASSING.has(problem.code) || problem.status >= 500)
    } finally {
      stops.delete(tile)
      pump()
    }
  }

  function take(tile: Tile, answer: Upload) {
    if (tiles.value.some((other) => other.uploadId === answer.id)) {
      drop(new Set([tile])) // the same bytes under another name
      onTwice()
      return
    }
    tile.uploadId = answer.id
    tile.thumbnailThere = answer.thumbnail_url
    move(tile, 'done')
  }

  return {
    pump,
    enqueue: (tile: Tile) => queue.add(tile),
    cancel: (tile: Tile) => {
      queue.delete(tile)
      stops.get(tile)?.abort()
    },
  }
}

function sift(files: readonly File[], here: Set<string | null>, room: number) {
  const skipped = nothing()
  const taken: File[] = []
  for (const file of files) {
    if (!looksLikeImage(file)) skipped.notImages++
    else if (here.has(fingerprint(file))) skipped.twice++
    else if (taken.length >= room) skipped.tooMany++
    else {
      here.add(fingerprint(file))
      taken.push(file)
    }
  }
  return { taken, skipped }
}

/** What passes by itself is tried again. */
async function sendPatiently(
  tile: Tile,
  signal: AbortSignal,
  { upload = uploadImage, pause = sleep }: Ways,
): Promise<Upload> {
  if (!tile.file) throw new Error('only tiles with a file are queued')
  for (let attempt = 0; ; attempt++) {
    try {
      return await upload(tile.file, { signal, onProgress: (share) => (tile.progress = share) })
    } catch (reason) {
      const wait = AGAIN_AFTER_MS[attempt]
      if (signal.aborted || wait === undefined || !PASSING.has(asProblem(reason).code)) throw reason
      await pause(wait)
    }
  }
}

function fingerprint(file: File): string {
  return `${folderOf(file)}|${file.name}|${file.size}|${file.lastModified}`
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
