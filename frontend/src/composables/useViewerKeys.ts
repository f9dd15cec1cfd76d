/** The viewer's keys. Not while somebody types, and the arrows not while the line between the halves holds the focus. */
export type ViewerAct =
  'before' | 'half' | 'after' | 'closer' | 'further' | 'fit' | 'previous' | 'next' | 'accept' | 'download' | 'info'

const KEYS: Record<string, ViewerAct> = {
  '1': 'before',
  '2': 'half',
  '3': 'after',
  '+': 'closer',
  '=': 'closer',
  '-': 'further',
  '0': 'fit',
  ArrowLeft: 'previous',
  ArrowRight: 'next',
  a: 'accept',
  d: 'download',
  i: 'info',
}

export function typesIn(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

export function viewerKey(event: KeyboardEvent): ViewerAct | null {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typesIn(event.target)) return null
  if (event.key.startsWith('Arrow') && event.target instanceof HTMLInputElement) return null
  return KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? null
}
