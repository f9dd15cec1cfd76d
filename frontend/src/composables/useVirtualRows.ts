/**
 * The rows of a grid that are near the screen, whatever scrolls: the page or a zone of it.
 * Everything is measured from the grid's own top, so what stands above it may grow and shrink.
 */
import { useVirtualizer, type Virtualizer } from '@tanstack/vue-virtual'
import { useElementSize, useEventListener } from '@vueuse/core'
import { computed, toValue, type MaybeRefOrGetter, type ShallowRef } from 'vue'
import { GAP, ROW_HEIGHT, columnsFor, rowOf, rowsFor, withFocused } from './useGridRows'

type Rows = Virtualizer<HTMLElement, HTMLElement>
const OVERSCAN = 3

/** What scrolls around `element`; null: the page. */
export function scrollerOf(element: HTMLElement): HTMLElement | null {
  for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(up).overflowY)) return up
  }
  return null
}

/** How far the grid's top is above what can be seen, and how much can be seen. */
function view(grid: HTMLElement) {
  const scroller = scrollerOf(grid)
  const top = scroller ? scroller.getBoundingClientRect().top : 0
  return { offset: top - grid.getBoundingClientRect().top, height: scroller?.clientHeight ?? window.innerHeight }
}

function watchHeight(rows: Rows, tell: (rect: { width: number; height: number }) => void) {
  const grid = rows.scrollElement
  if (!grid) return
  const measure = () => tell({ width: grid.clientWidth, height: view(grid).height })
  measure()
  const observer = new ResizeObserver(measure)
  observer.observe(scrollerOf(grid) ?? document.documentElement)
  window.addEventListener('resize', measure)
  return () => {
    observer.disconnect()
    window.removeEventListener('resize', measure)
  }
}

function watchOffset(rows: Rows, tell: (offset: number, moving: boolean) => void) {
  const grid = rows.scrollElement
  if (!grid) return
  const measure = () => tell(Math.max(0, view(grid).offset), false)
  measure()
  const options = { capture: true, passive: true } // scroll events don't bubble; captured, any scroller is heard
  document.addEventListener('scroll', measure, options)
  const observer = new ResizeObserver(measure) // what stands above it grew or shrank
  observer.observe(document.body)
  return () => {
    document.removeEventListener('scroll', measure, options)
    observer.disconnect()
  }
}

export function useVirtualRows(
  grid: Readonly<ShallowRef<HTMLElement | null>>,
  count: MaybeRefOrGetter<number>,
  focused: MaybeRefOrGetter<number>,
) {
  const { width } = useElementSize(grid)
  const columns = computed(() => columnsFor(width.value))
  const focusedRow = computed(() => (toValue(focused) < 0 ? -1 : rowOf(toValue(focused), columns.value)))

  const virtual = useVirtualizer<HTMLElement, HTMLElement>(
    computed(() => ({
      count: rowsFor(toValue(count), columns.value),
      estimateSize: () => ROW_HEIGHT,
      overscan: OVERSCAN,
      getScrollElement: () => grid.value,
      observeElementRect: watchHeight,
      observeElementOffset: watchOffset,
      scrollToFn: () => undefined, // tiles are scrolled to by the browser, when they take the focus
      rangeExtractor: ({ startIndex, endIndex, overscan, count: rows }) => {
        const first = Math.max(0, startIndex - overscan)
        const last = Math.min(rows - 1, endIndex + overscan)
        const near = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)
        return withFocused(near, Math.min(focusedRow.value, rows - 1))
      },
    })),
  )
  useEventListener('resize', () => virtual.value.measure())

  return {
    columns,
    rows: computed(() => (width.value ? virtual.value.getVirtualItems() : [])),
    height: computed(() => Math.max(0, virtual.value.getTotalSize() - GAP)),
    /** Whole rows on a screen, for PageUp and PageDown. */
    page: () => Math.max(1, Math.floor((grid.value ? view(grid.value).height : 0) / ROW_HEIGHT)),
  }
}
