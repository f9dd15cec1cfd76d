/** The review desk's keys. They are shown on it, beside what they do. */
import { typesIn } from './useViewerKeys'

export type DeskAct =
  | 'approve'
  | 'reject'
  | 'redo'
  | 'undo'
  | 'previous'
  | 'next'
  | 'undecided'
  | 'slider'
  | 'side'
  | 'variants'
  | 'closer'
  | 'further'
  | 'fit'

const KEYS: Record<string, DeskAct> = {
  a: 'approve',
  x: 'reject',
  r: 'redo',
  z: 'undo',
  u: 'undecided',
  '1': 'slider',
  '2': 'side',
  '3': 'variants',
  '+': 'closer',
  '=': 'closer',
  '-': 'further',
  '0': 'fit',
  ArrowLeft: 'previous',
  ArrowRight: 'next',
}

/** The arrows stay with the line between the halves while it holds the focus; Ctrl+Z undoes as everywhere. */
export function deskKey(event: KeyboardEvent): DeskAct | null {
  if (event.isComposing || event.altKey || typesIn(event.target)) return null
  if (event.ctrlKey || event.metaKey) return event.key.toLowerCase() === 'z' && !event.repeat ? 'undo' : null
  if (event.key.startsWith('Arrow') && event.target instanceof HTMLInputElement) return null
  if (event.repeat && !event.key.startsWith('Arrow')) return null // a key that is held says one thing once
  return KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? null
}

/** Whether a key that was pressed on the page, outside of any field or dialog, is `key`. */
export function isPageKey(event: KeyboardEvent, key: string): boolean {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false
  if (typesIn(event.target) || event.target instanceof HTMLInputElement || document.querySelector('dialog[open]'))
    return false
  return event.key.toLowerCase() === key
}
