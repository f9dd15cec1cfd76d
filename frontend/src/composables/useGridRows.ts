/** The grid's arithmetic: how many columns fit, which row an index is in, where an arrow key leads. */
export const GAP = 16
export const TILE_HEIGHT = 252
export const ROW_HEIGHT = TILE_HEIGHT + GAP
const TILE_MIN = 196
const TILE_MIN_NARROW = 150 // two beside each other on a phone
const NARROW = 520

export function columnsFor(width: number): number {
  const least = width < NARROW ? TILE_MIN_NARROW : TILE_MIN
  return Math.max(1, Math.floor((width + GAP) / (least + GAP)))
}

export const rowsFor = (count: number, columns: number) => Math.ceil(count / columns)
export const rowOf = (index: number, columns: number) => Math.floor(index / columns)

/** Indexes of the tiles in `row`. */
export function rowRange(row: number, columns: number, count: number): [start: number, end: number] {
  return [row * columns, Math.min(count, (row + 1) * columns)]
}

export interface Place {
  index: number
  count: number
  columns: number
  /** Rows that a page of the screen holds. */
  page: number
}

type Move = (at: Place, far: boolean) => number
const MOVES: Record<string, Move> = {
  ArrowRight: ({ index }) => index + 1,
  ArrowLeft: ({ index }) => index - 1,
  ArrowDown: ({ index, columns, count }) => down(index, columns, columns, count),
  ArrowUp: ({ index, columns }) => (index < columns ? index : index - columns),
  PageDown: ({ index, columns, count, page }) => down(index, page * columns, columns, count),
  PageUp: ({ index, columns, page }) => Math.max(index % columns, index - page * columns),
  Home: ({ index, columns }, far) => (far ? 0 : index - (index % columns)),
  End: ({ index, columns, count }, far) => (far ? count - 1 : index - (index % columns) + columns - 1),
}

/** A row further down, in a short last row its last tile; from there on nothing moves. */
function down(index: number, step: number, columns: number, count: number): number {
  const lastRow = rowOf(count - 1, columns)
  if (rowOf(index, columns) === lastRow) return index
  return Math.min(index + step, lastRow * columns + (index % columns))
}

/** Where `key` leads from `at`; null: it isn't a key of the grid. */
export function moveBy(key: string, far: boolean, at: Place): number | null {
  const move = MOVES[key]
  if (!move || !at.count) return null
  return Math.min(at.count - 1, Math.max(0, move(at, far)))
}

/** The rows to render, and with them the one that holds the focus, wherever it was scrolled to. */
export function withFocused(rows: number[], focused: number): number[] {
  if (focused < 0 || rows.includes(focused)) return rows
  return [...rows, focused].sort((a, b) => a - b)
}
