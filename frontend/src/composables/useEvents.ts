/** The one stream of changes of this tab: what happens to all of the owner's batches and items. */
import { readonly, shallowRef, type Ref } from 'vue'
import type { Batch, Item } from '@/api/client'

interface Handlers {
  item: (item: Item) => void
  batch: (batch: Batch) => void
  /** A batch was deleted. */
  gone: (id: string) => void
  /** All may have changed: fetch anew what is shown. */
  reset: () => void
  /** A connection was refused, or there was none: perhaps nobody is signed in any more. */
  closed: () => void
}
export interface Events {
  online: Readonly<Ref<boolean>>
  start: () => void
  stop: () => void
  /** Resolves when the stream stands, or after `withinMs` without it. */
  connected: (withinMs: number) => Promise<void>
  on: <K extends keyof Handlers>(kind: K, handler: Handlers[K]) => () => void
}

const FIRST_MS = 1000
const MOST_MS = 30_000

type Told = { [K in keyof Handlers]: Set<Handlers[K]> }
const nobody = (): Told => ({ item: new Set(), batch: new Set(), gone: new Set(), reset: new Set(), closed: new Set() })

function tell(handlers: Told, kind: 'item' | 'batch' | 'gone', data: string) {
  if (kind === 'item') for (const handler of handlers.item) handler(JSON.parse(data) as Item)
  else if (kind === 'batch') for (const handler of handlers.batch) handler(JSON.parse(data) as Batch)
  else for (const handler of handlers.gone) handler((JSON.parse(data) as { id: string }).id)
}

export function createEvents(
  open: (url: string) => EventSource = (url) => new EventSource(url),
  random: () => number = Math.random,
  path = '/api/events',
): Events {
  const online = shallowRef(false)
  const handlers = nobody()
  const waiting = new Set<() => void>()
  let source: EventSource | undefined
  let last = ''
  let failures = 0
  let timer = 0

  function connect() {
    clearTimeout(timer)
    let greeted = last !== ''
    const mine = open(greeted ? `${path}?after=${encodeURIComponent(last)}` : path)
    source = mine
    mine.onopen = () => {
      online.value = true
      failures = 0
      for (const go of waiting) go()
      if (!greeted) reset() // without a place to resume from, something may have been missed
      greeted = true
    }
    mine.onerror = () => {
      online.value = false
      if (mine.readyState !== EventSource.CLOSED) return // the browser tries again by itself, with Last-Event-ID
      timer = window.setTimeout(connect, delay(failures++, random))
      for (const handler of handlers.closed) handler()
    }
    listen(mine)
  }

  function listen(mine: EventSource) {
    mine.addEventListener('item', (e) => handle('item', e))
    mine.addEventListener('batch', (e) => handle('batch', e))
    mine.addEventListener('gone', (e) => handle('gone', e))
    mine.addEventListener('reset', (e) => {
      last = e.lastEventId
      reset()
    })
  }

  function handle(kind: 'item' | 'batch' | 'gone', event: MessageEvent<string>) {
    if (event.lastEventId) last = event.lastEventId
    tell(handlers, kind, event.data)
  }

  const reset = () => handlers.reset.forEach((handler) => handler())

  function hurry() {
    if (!source || source.readyState !== EventSource.CLOSED) return
    failures = 0
    connect()
  }

  return {
    online: readonly(online),
    start() {
      if (source) return
      connect()
      window.addEventListener('online', hurry)
    },
    stop() {
      clearTimeout(timer)
      source?.close()
      source = undefined
      online.value = false
      window.removeEventListener('online', hurry)
    },
    connected(withinMs) {
      if (online.value) return Promise.resolve()
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(limit)
          waiting.delete(done)
          resolve()
        }
        const limit = window.setTimeout(done, withinMs)
        waiting.add(done)
      })
    },
    on: (kind, handler) => added(handlers[kind], handler),
  }
}

function added<T>(all: Set<T>, one: T) {
  all.add(one)
  return () => void all.delete(one)
}

/** Doubling, with half of it by chance, so that a restarted server is not asked by everyone at once. */
export function delay(failures: number, random: () => number): number {
  const full = Math.min(MOST_MS, FIRST_MS * 2 ** failures)
  return full / 2 + (full / 2) * random()
}

let shared: Events | undefined
export function useEvents(): Events {
  return (shared ??= createEvents())
}
