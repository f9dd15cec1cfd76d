/** The keys that do something, by where they do it: for the sheet that lists them. */

export interface Shortcut {
  keys: readonly string[]
  /** What it does, in words of `shortcuts.does`. */
  does: string
}
interface Place {
  name: string
  shortcuts: readonly Shortcut[]
}

const mac = /Mac|iP(hone|ad)/.test(navigator.userAgent)

export const SHORTCUTS: readonly Place[] = [
  {
    name: 'everywhere',
    shortcuts: [
      { keys: ['?'], does: 'sheet' },
      { keys: ['Esc'], does: 'close' },
    ],
  },
  {
    name: 'workspace',
    shortcuts: [
      { keys: [mac ? '⌘' : 'Ctrl', 'V'], does: 'paste' },
      { keys: [mac ? '⌘' : 'Ctrl', 'Enter'], does: 'start' },
    ],
  },
  {
    name: 'grid',
    shortcuts: [
      { keys: ['←', '→', '↑', '↓'], does: 'walk' },
      { keys: ['Enter'], does: 'open' },
    ],
  },
  {
    name: 'viewer',
    shortcuts: [
      { keys: ['←', '→'], does: 'next' },
      { keys: ['1', '2', '3'], does: 'split' },
      { keys: ['+', '−', '0'], does: 'zoom' },
      { keys: ['A'], does: 'accept' },
      { keys: ['D'], does: 'download' },
      { keys: ['I'], does: 'info' },
    ],
  },
  {
    name: 'desk',
    shortcuts: [
      { keys: ['R'], does: 'review' },
      { keys: ['A', 'X'], does: 'decide' },
      { keys: ['R'], does: 'redo' },
      { keys: ['Z'], does: 'undo' },
      { keys: ['U'], does: 'undecided' },
      { keys: ['1', '2', '3'], does: 'lay' },
    ],
  },
]

/** Whether a press of `?` is meant for the sheet: nobody types, and nothing else has the page. */
export function asksForSheet(event: KeyboardEvent): boolean {
  if (event.key !== '?' || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false
  const at = event.target
  const types = at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName))
  return !types && !document.querySelector('dialog[open]')
}
