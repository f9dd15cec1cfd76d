/** One tile of a grid is in the tab order; arrow keys lead to the others. The focus follows a picture, not a place. */
import { computed, nextTick, shallowRef, toValue, watch, type MaybeRefOrGetter, type ShallowRef } from 'vue'
import { moveBy, type Place } from './useGridRows'

export function useRovingFocus(
  grid: Readonly<ShallowRef<HTMLElement | null>>,
  ids: MaybeRefOrGetter<readonly string[]>,
  place: () => Pick<Place, 'columns' | 'page'>,
) {
  const activeId = shallowRef('')
  const held = shallowRef(false) // the focus is inside; its tile then stays mounted
  let lastIndex = 0

  const active = computed(() => {
    const found = toValue(ids).indexOf(activeId.value)
    return found < 0 ? Math.min(lastIndex, toValue(ids).length - 1) : found
  })

  function set(index: number) {
    lastIndex = index
    activeId.value = toValue(ids)[index] ?? ''
  }

  async function focus(index: number) {
    set(index)
    held.value = true
    await nextTick()
    const tile = grid.value?.querySelector<HTMLElement>(`[data-index="${index}"]`)
    tile?.focus({ preventScroll: true })
    tile?.scrollIntoView({ block: 'nearest' })
  }

  function focused(event: FocusEvent) {
    const tile = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')
    if (!tile) return
    held.value = true
    set(Number(tile.dataset.index))
  }

  function left(event: FocusEvent) {
    if (!grid.value?.contains(event.relatedTarget as Node | null)) held.value = false
  }

  /** True: it was a key of the grid. */
  function key(event: KeyboardEvent): boolean {
    if (event.altKey || event.metaKey) return false
    const at = { index: active.value, count: toValue(ids).length, ...place() }
    const next = moveBy(event.key, event.ctrlKey, at)
    if (next === null) return false
    event.preventDefault()
    void focus(next)
    return true
  }

  watch(
    () => toValue(ids),
    (now) => {
      if (held.value && now.length && !now.includes(activeId.value)) void focus(active.value)
    },
  )

  return {
    active,
    /** The tile to keep mounted; -1: none. */
    kept: computed(() => (held.value ? active.value : -1)),
    focus,
    focused,
    left,
    key,
  }
}
