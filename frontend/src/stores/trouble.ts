/** What went wrong with the page itself, shown as one calm line. */
import { readonly, shallowRef } from 'vue'

const trouble = shallowRef<'stale' | 'broken' | null>(null)
const seen = new Set<string>()

export function reportStale(): void {
  trouble.value = 'stale'
}

/** An error nobody expected. The same one is written to the console once only. */
export function reportTrouble(reason: unknown): void {
  const words = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
  if (seen.has(words)) return
  seen.add(words)
  trouble.value ??= 'broken'
  reportError(reason) // to the console and to whoever listens for errors of the page
}

export function useTrouble() {
  return { trouble: readonly(trouble), dismiss: () => (trouble.value = null) }
}
