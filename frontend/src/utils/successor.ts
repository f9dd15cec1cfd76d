/** What to go on with where a model went offline. */
import type { Item, Model, Provider } from '@/api/client'

export type Successor = NonNullable<NonNullable<Item['error']>['successor']>

/** The one model that all of them can go on with; undefined where they differ, or one has none. */
export function successorOf(items: readonly Item[]): Successor | undefined {
  const first = items[0]?.error?.successor
  if (!first) return undefined
  const same = items.every(
    ({ error }) => error?.successor?.provider === first.provider && error.successor.model === first.model,
  )
  return same ? first : undefined
}

export interface Notice {
  /** offline: the chosen one is. moved: the default is another than it was. unlisted: it is not even listed any more. */
  kind: 'offline' | 'moved' | 'unlisted'
  /** The provider's sentence; empty where it is not listed. */
  reason: string
  to: Model | undefined
}

/** What there is to say about the chosen model (null: the default); undefined: nothing. */
export function noticeOf(provider: Provider, chosen: string | null): Notice | undefined {
  const byId = (id: string | null | undefined) => provider.models.find((one) => one.id === id)
  const usual = byId(provider.default_model)
  if (chosen === null) {
    const before = byId(provider.moved_from)
    return before && { kind: 'moved', reason: before.reason ?? '', to: usual }
  }
  const model = byId(chosen)
  if (!model) return { kind: 'unlisted', reason: '', to: usual }
  return model.available ? undefined : { kind: 'offline', reason: model.reason ?? '', to: byId(model.successor) }
}
