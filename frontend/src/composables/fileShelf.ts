/** Files on their way to the server, kept by the browser until they are there: a reload or a crash loses none. */
import { createStore, delMany, entries, setMany, type UseStore } from 'idb-keyval'
import { withFolder } from './droppedFiles'
import type { Tile } from './uploadTiles'

interface Shelved {
  tab: string
  list: string
  file: File
  /** The browser keeps the file without it. */
  folder?: string
}
export interface Found {
  list: string
  files: File[]
}

const LOCK = 'batchgen.tab.'
const locks = navigator.locks as LockManager | undefined // not where the page is not served securely

/** A name that is held as long as this tab lives; without locks every other tab is taken for a closed one. */
function holdTab(): string {
  const tab = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16)).join('')
  void locks?.request(LOCK + tab, () => new Promise(() => undefined))
  return tab
}

async function openTabs(): Promise<Set<string>> {
  const { held = [] } = (await locks?.query()) ?? {}
  return new Set(held.map(({ name = '' }) => name.slice(LOCK.length)))
}

const waits = ({ file, state, retryable }: Tile) => file !== null && (state === 'failed' ? retryable : state !== 'done')

export function createShelf(person: string, makeStore: typeof createStore = createStore) {
  const tab = holdTab()
  const known = new Map<Tile, string>()
  let made = 0
  let last: Promise<unknown> = Promise.resolve()
  let store: UseStore | undefined

  /** One after another; where the browser keeps nothing, the files live as long as the tab. */
  function then<T>(act: (store: UseStore) => Promise<T>): Promise<T | undefined> {
    const next = last.then(() => act((store ??= makeStore(`batchgen.files.${person}`, 'files'))))
    last = next.catch(() => undefined)
    return next.catch(() => undefined)
  }

  /** What of `lists` is not on the server yet, and nothing else. */
  function sync(lists: Record<string, readonly Tile[]>) {
    const now = new Map(
      Object.entries(lists).flatMap(([list, tiles]) => tiles.filter(waits).map((tile) => [tile, list])),
    )
    const gone = [...known].filter(([tile]) => !now.has(tile))
    const fresh = [...now].flatMap(([tile, list]): [string, Shelved][] => {
      if (known.has(tile) || !tile.file) return []
      const key = `${tab}-${String(++made).padStart(9, '0')}`
      known.set(tile, key)
      return [[key, { tab, list, file: tile.file, folder: tile.folder }]]
    })
    for (const [tile] of gone) known.delete(tile)
    if (fresh.length) void then((to) => setMany(fresh, to))
    if (gone.length) void then((from) => delMany(gone.map(([, key]) => key), from)) // prettier-ignore
  }

  /** What tabs left that are closed by now; `added` has taken it in. */
  async function takeLeft(added: (found: Found) => void) {
    const open = await openTabs().catch(() => new Set<string>())
    const all = (await then((from) => entries<string, Shelved>(from))) ?? []
    const left = all.filter(([, one]) => one.tab !== tab && !open.has(one.tab))
    for (const list of new Set(left.map(([, one]) => one.list)))
      added({
        list,
        files: left.filter(([, one]) => one.list === list).map(([, { file, folder }]) => withFolder(file, folder)),
      })
    if (left.length) void then((from) => delMany(left.map(([key]) => key), from)) // prettier-ignore
    return left.length
  }

  return { sync, takeLeft }
}
