/** What is being prepared in the workspace. It survives a reload. */
import { defineStore } from 'pinia'
import { reactive, shallowRef, toRaw, watch } from 'vue'
import type { Batch } from '@/api/client'

/** An image that the server holds already. */
export interface KeptImage {
  id: string
  name: string
  thumbnail_url: string
  /** Its own prompt, instead of the batch's. */
  prompt: string
}
export interface Draft {
  prompt: string
  provider: string | null
  model: string | null
  aspectRatio: string | null
  size: string | null
  seed: number | null
  variants: number
  lane: 'normal' | 'economy'
  /** For the economy lane, as a field for date and time has it. */
  neededBy: string | null
  fullPriceOk: boolean
  images: KeptImage[]
  references: KeptImage[]
  /** Images that were not uploaded completely. */
  unfinished: Unfinished
}
export interface Unfinished {
  count: number
  /** Of the first few. */
  names: string[]
}

interface Kept {
  version: number
  draft: Draft
}

const KEY = 'batchgen.draft'
const VERSION = 1
const SAVE_AFTER_MS = 400
const EMPTY: Draft = {
  prompt: '',
  provider: null,
  model: null,
  aspectRatio: null,
  size: null,
  seed: null,
  variants: 1,
  lane: 'normal',
  neededBy: null,
  fullPriceOk: false,
  images: [],
  references: [],
  unfinished: { count: 0, names: [] },
}

function read(): Draft {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Kept | null
    if (kept?.version !== VERSION) return { ...EMPTY }
    return { ...EMPTY, ...kept.draft }
  } catch {
    return { ...EMPTY } // unreadable: an empty draft is better than no page
  }
}

function write(draft: Draft) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ version: VERSION, draft: toRaw(draft) } satisfies Kept))
  } catch {
    // the browser's storage is full or closed: the draft then lives as long as the tab
  }
}

export const useDraft = defineStore('draft', () => {
  const draft = reactive(read())
  const lost = shallowRef(draft.unfinished) // of the visit before; their files can't be read again
  draft.unfinished = EMPTY.unfinished
  let timer = 0

  function save() {
    clearTimeout(timer)
    timer = 0
    write(draft)
  }

  /** Prompt and settings of a batch that was run before; the images stay as they are. */
  function reuse({ prompt, provider, model, options, variants, lane }: Batch) {
    const { aspect_ratio: aspectRatio, size, seed } = options
    Object.assign(draft, { prompt, provider, model, aspectRatio, size, seed, variants, lane } satisfies Partial<Draft>)
    save()
  }

  watch(draft, () => {
    timer ||= window.setTimeout(save, SAVE_AFTER_MS)
  })
  window.addEventListener('pagehide', save)

  return { draft, lost, save, reuse, dismissLost: () => (lost.value = EMPTY.unfinished) }
})
