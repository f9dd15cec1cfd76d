/** What is being prepared in the workspace, by each person of this browser for themselves. It survives a reload. */
import { defineStore } from 'pinia'
import { markRaw, reactive, shallowRef, toRaw, watch } from 'vue'
import type { Batch, Format, PilotMode, Policy } from '@/api/client'
import type { TextRow } from '@/composables/promptTables'
import type { Values } from '@/composables/promptTemplates'
import { useSession } from './session'

/** An image that the server holds already. */
export interface KeptImage {
  id: string
  name: string
  folder?: string
  thumbnail_url: string
  /** Its own prompt, instead of the batch's. */
  prompt: string
  variables?: Values
}
export interface PilotChoice {
  on: boolean
  mode: PilotMode
  size: number
  /** Upload ids of the images that were chosen. */
  chosen: readonly string[]
}
/** Another one of a duel; empty words and null: as in the draft. */
export interface ContestantDraft {
  prompt: string
  provider: string | null
  model: string | null
}
export interface Draft {
  prompt: string
  /** Names of a table's columns, and its rows that are no image of the list. */
  columns: readonly string[]
  rows: readonly TextRow[]
  provider: string | null
  model: string | null
  aspectRatio: string | null
  size: string | null
  format: NonNullable<Format> | null
  seed: number | null
  watermark: boolean
  variants: number
  /** Whether a picture may go on with another provider. */
  policy: Policy
  /** Ids of targets that hear of the end; null: the default. */
  notify: string[] | null
  /** A sample first. */
  pilot: PilotChoice
  /** Others that make the same sample, beside the words and the model above; none: no duel. */
  contestants: readonly ContestantDraft[]
  lane: 'normal' | 'economy'
  /** For the economy lane, as a field for date and time has it. */
  neededBy: string | null
  fullPriceOk: boolean
  /** Names of the zip's files; "": as their sources. */
  filenamePattern: string
  /** Whether words, model and date are written into the pictures. */
  embedMetadata: boolean
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
  columns: [],
  rows: markRaw([]),
  provider: null,
  model: null,
  aspectRatio: null,
  size: null,
  format: null,
  seed: null,
  watermark: false,
  variants: 1,
  policy: 'none',
  notify: null,
  pilot: { on: false, mode: 'first', size: 3, chosen: [] },
  contestants: [],
  lane: 'normal',
  neededBy: null,
  fullPriceOk: false,
  filenamePattern: '',
  embedMetadata: true,
  images: [],
  references: [],
  unfinished: { count: 0, names: [] },
}

function read(key: string): Draft {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as Kept | null
    if (kept?.version !== VERSION) return { ...EMPTY }
    const draft = { ...EMPTY, ...kept.draft }
    return { ...draft, rows: markRaw([...draft.rows]) } // thousands: watching each would be slow
  } catch {
    return { ...EMPTY } // unreadable: an empty draft is better than no page
  }
}

function write(key: string, draft: Draft) {
  try {
    localStorage.setItem(key, JSON.stringify({ version: VERSION, draft: toRaw(draft) } satisfies Kept))
  } catch {
    // the browser's storage is full or closed: the draft then lives as long as the tab
  }
}

export const useDraft = defineStore('draft', () => {
  const { accounts, me } = useSession()
  const key = accounts && me ? `${KEY}.${me.id}` : KEY
  const draft = reactive(read(key))
  const lost = shallowRef(draft.unfinished) // of the visit before; their files can't be read again
  draft.unfinished = EMPTY.unfinished
  let timer = 0

  function save() {
    clearTimeout(timer)
    timer = 0
    write(key, draft)
  }

  /** Prompt and settings of a batch that was run before; the images stay as they are. */
  function reuse({ prompt, provider, model, options, variants, policy, lane, ...more }: Batch) {
    const { aspect_ratio: aspectRatio, size, seed, watermark } = options
    const format = options.format as Draft['format']
    const settings = { provider, model, aspectRatio, size, format, seed, watermark, variants, policy, lane }
    const files = { filenamePattern: more.filename_pattern ?? '', embedMetadata: more.embed_metadata }
    Object.assign(draft, { prompt, ...settings, ...files } satisfies Partial<Draft>)
    save()
  }

  watch(draft, () => {
    timer ||= window.setTimeout(save, SAVE_AFTER_MS)
  })
  window.addEventListener('pagehide', save)

  return { draft, lost, person: me?.id ?? 'local', save, reuse, dismissLost: () => (lost.value = EMPTY.unfinished) }
})
