/** Small complete resources for tests. */
import type { Batch, Item, Model, Provider, Queue, Upload } from '@/api/client'

export function anItem(id: string, version = 1, more: Partial<Item> = {}): Item {
  return {
    id, batch_id: 'b1', index: Number(id.replace(/\D/g, '')) || 0, name: `${id}.jpg`, folder: '', state: 'queued', upload: null,
    prompt: 'p', provider: 'demo', model: 'demo-painter', attempts: 0, retry_at: null, error: null, result: null,
    cost_micros: 0, possibly_paid: false, lane: 'normal', moved_from: null, review: 'none', earlier: [], started_at: null, finished_at: null, version, ...more,
  } // prettier-ignore
}

export function aBatch(id: string, version = 1, more: Partial<Batch> = {}): Batch {
  return {
    id, name: id, owner: { id: 'local', name: 'local' }, state: 'running', paused: false, prompt: 'p', provider: 'demo',
    model: 'demo-painter', references: [], variants: 1, lane: 'normal', economy: null, policy: 'none', pilot: null, duel_id: null,
    shared: { team: false, links: 0 }, result_bytes: 0,
    options: { aspect_ratio: null, size: null, format: null, seed: null, watermark: false },
    counts: { total: 1, queued: 1, waiting: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 },
    filename_pattern: null, embed_metadata: true, review: { approved: 0, rejected: 0, undecided: 0 },
    cost: { quoted_micros: 0, quoted_high_micros: 0, held_micros: 0, settled_micros: 0, possibly_paid_micros: 0 }, eta_seconds: null,
    position: null, hold: null, created_at: '2026-11-24T03:00:00.000Z', started_at: null, finished_at: null, version, ...more,
  } // prettier-ignore
}

export function anUpload(id: string, more: Partial<Upload> = {}): Upload {
  return {
    id, filename: `${id}.jpg`, width: 10, height: 10, format: 'jpeg', bytes: 100, sha256: id,
    url: `/static/uploads/${id}.jpeg`, thumbnail_url: `/static/thumbnails/${id}.webp`, ...more,
  } // prettier-ignore
}

export function aModel(more: Partial<Model> = {}): Model {
  return {
    id: 'painter', name: 'Painter', default: true, max_references: 2, aspect_ratios: ['1:1'], sizes: ['1K'],
    formats: [], max_variants: 8, text_to_image: true, takes_seed: true, takes_watermark: false, price_micros: 20_000,
    prices: [], input_price_micros: 0, batch: false, batch_price: 1, deprecated: null, available: true, reason: null,
    successor: null, ...more,
  } // prettier-ignore
}

export function aProvider(more: Partial<Provider> = {}): Provider {
  return {
    id: 'demo', name: 'Demo', available: true, default: true, reason: null, models: [aModel()],
    default_model: 'painter', moved_from: null, ...more,
  } // prettier-ignore
}

export function aFile(name: string, type = 'image/jpeg', bytes = 10): File {
  return new File([new Uint8Array(bytes)], name, { type, lastModified: 1 })
}

/** A promise that is settled from outside. */
export function later<T>() {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

export function aQueue(more: Partial<Queue> = {}): Queue {
  return { lanes: [], people: [], workers: [], waiting: 0, running: 0, slots: 0, ...more }
}
