/** The list behind the tiles of a queue: one reactive object each, counted as they change. */
import { shallowReactive, shallowRef } from 'vue'
import type { KeptImage } from '@/stores/draft'
import type { Values } from './promptTemplates'

export type TileState = 'waiting' | 'uploading' | 'done' | 'failed'
export interface Tile {
  readonly key: string
  readonly name: string
  readonly file: File | null
  /** Where it stood, such as `shoes/red`; the zip has it so again. */
  readonly folder: string
  state: TileState
  /** 0 to 1. */
  progress: number
  /** One sentence: why it failed. */
  problem: string
  retryable: boolean
  /** The server's id, once it has it. */
  uploadId: string
  /** Painted here from the file; "" where this browser can't. */
  thumbnail: string
  /** The server's. */
  thumbnailThere: string
  /** Its own prompt, instead of the batch's. */
  prompt: string
  /** What fills the variables of its prompt; replaced whole. */
  variables: Values
}

let made = 0

export function createTiles() {
  const tiles = shallowRef<readonly Tile[]>([])
  const counts = shallowReactive({ waiting: 0, uploading: 0, done: 0, failed: 0 })

  function make(name: string, file: File | null, state: TileState, folder = ''): Tile {
    counts[state]++
    const empty = {
      progress: 0,
      problem: '',
      retryable: file !== null,
      uploadId: '',
      thumbnail: '',
      thumbnailThere: '',
      prompt: '',
      variables: {},
    }
    return shallowReactive({ key: `tile-${++made}`, name, file, folder, state, ...empty })
  }

  const kept = (image: KeptImage) =>
    Object.assign(make(image.name, null, 'done', image.folder), {
      uploadId: image.id,
      thumbnailThere: image.thumbnail_url,
      prompt: image.prompt,
      variables: image.variables ?? {},
      progress: 1,
    })

  function move(tile: Tile, state: TileState) {
    counts[tile.state]--
    counts[state]++
    tile.state = state
  }

  return {
    tiles,
    counts,
    make,
    move,
    append: (added: readonly Tile[]) => (tiles.value = [...tiles.value, ...added]),
    fail(tile: Tile, problem: string, retryable = tile.file !== null) {
      tile.problem = problem
      tile.retryable = retryable
      move(tile, 'failed')
    },
    drop(gone: ReadonlySet<Tile>) {
      tiles.value = tiles.value.filter((tile) => !gone.has(tile))
      for (const tile of gone) {
        counts[tile.state]--
        if (tile.thumbnail.startsWith('blob:')) URL.revokeObjectURL(tile.thumbnail)
      }
    },
    restore(images: readonly KeptImage[]) {
      tiles.value = images.map(kept)
    },
  }
}
