/** Moving and pasting in the table of values. */
import { nextTick, shallowRef, type ShallowRef } from 'vue'
import { cellsOf } from './promptTables'
import type { Values } from './promptTemplates'
import { usePromptRows } from './usePromptRows'

const STEPS: Record<string, number> = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }

export function useCells(table: Readonly<ShallowRef<HTMLElement | null>>, show: (line: number) => void) {
  const rows = usePromptRows()
  /** Pasted rows for which there was no line. */
  const overflow = shallowRef(0)

  async function focus(line: number, column: number) {
    if (line < 0 || line >= rows.lines.value.length) return
    show(line)
    await nextTick()
    await new Promise(requestAnimationFrame) // a line that was far away is there in the next frame
    table.value?.querySelector<HTMLElement>(`[data-cell="${line}:${column}"]`)?.focus()
  }

  function moved(event: KeyboardEvent, line: number, column: number) {
    const step = STEPS[event.key]
    if (!step || event.isComposing || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    void focus(line + (event.shiftKey ? -step : step), column)
  }

  function pasted(event: ClipboardEvent) {
    const place = (event.target as HTMLElement).dataset.cell
    const text = event.clipboardData?.getData('text/plain')
    if (!place || !text) return
    event.stopPropagation() // the picture that a spreadsheet copies along is not meant
    const block = cellsOf(text)
    if (block.length === 1 && block[0]?.length === 1) return
    event.preventDefault()
    overflow.value = 0
    if (isHeader(block)) void rows.readText(text)
    else put(block, place)
  }

  /** A whole table was copied, not values only. */
  const isHeader = ([head = [], ...rest]: string[][]) =>
    rest.length > 0 && head.length > 1 && head.some((name) => rows.columns.value.includes(name.trim()))

  function put(block: string[][], place: string) {
    const [line = 0, column = 0] = place.split(':').map(Number)
    const names = rows.columns.value.slice(column)
    const lines = rows.lines.value.slice(line)
    const over = block.slice(lines.length)
    rows.fill(
      block.flatMap((cells, i) => {
        const at = lines[i]
        return at ? cells.flatMap((value, k) => (names[k] ? [[at, names[k], value] as const] : [])) : []
      }),
    )
    if (rows.lines.value.some(({ tile }) => tile)) overflow.value = over.length
    else rows.append(over.map((cells) => valuesFrom(names, cells)))
  }

  return { overflow, focus, moved, pasted }
}

function valuesFrom(names: readonly string[], cells: readonly string[]): Values {
  return Object.fromEntries(cells.flatMap((value, i) => (names[i] ? [[names[i], value] as const] : [])))
}
