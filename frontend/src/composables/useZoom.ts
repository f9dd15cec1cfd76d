/** Zoom and pan of what is in `stage`: wheel, pinch, drag, and steps for keys and buttons. One transform. */
import { useEventListener } from '@vueuse/core'
import { computed, readonly, shallowRef, type ShallowRef } from 'vue'

interface Point {
  x: number
  y: number
}
const MOST = 8
const STEP = 1.5
const WHEEL = 0.0016

/** `pane`: a selector of equal parts of the stage that zoom together; else the stage is one. */
export function useZoom(stage: Readonly<ShallowRef<HTMLElement | null>>, pane = '') {
  const scale = shallowRef(1)
  const at = shallowRef<Point>({ x: 0, y: 0 })
  const fingers = new Map<number, Point>()

  function partAt(target?: EventTarget | null): Element | null | undefined {
    if (!pane) return stage.value
    return (target instanceof Element ? target.closest(pane) : null) ?? stage.value?.querySelector(pane)
  }

  /** Not further than its edges. */
  function moveTo({ x, y }: Point) {
    const reach = (length = 0) => ((scale.value - 1) * length) / 2
    const part = partAt()
    const [w, h] = [reach(part?.clientWidth), reach(part?.clientHeight)]
    at.value = { x: Math.min(w, Math.max(-w, x)), y: Math.min(h, Math.max(-h, y)) }
  }

  /** `point`, from the middle of the stage, stays where it is. */
  function zoomTo(wanted: number, point: Point = { x: 0, y: 0 }) {
    const next = Math.min(MOST, Math.max(1, wanted))
    const grown = next / scale.value
    scale.value = next
    moveTo({ x: point.x - (point.x - at.value.x) * grown, y: point.y - (point.y - at.value.y) * grown })
  }

  function fromMiddle({ x, y }: Point, target: EventTarget | null): Point {
    const box = partAt(target)?.getBoundingClientRect()
    return box ? { x: x - box.left - box.width / 2, y: y - box.top - box.height / 2 } : { x: 0, y: 0 }
  }

  function moved(event: PointerEvent) {
    const before = fingers.get(event.pointerId)
    if (!before) return
    const now = { x: event.clientX, y: event.clientY }
    fingers.set(event.pointerId, now)
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1]
    if (other)
      zoomTo(
        scale.value * (apart(now, other) / (apart(before, other) || 1)),
        fromMiddle(between(now, other), event.target),
      )
    else if (scale.value > 1) moveTo({ x: at.value.x + now.x - before.x, y: at.value.y + now.y - before.y })
  }

  useEventListener(
    stage,
    'wheel',
    (event) => {
      event.preventDefault()
      zoomTo(
        scale.value * Math.exp(-event.deltaY * WHEEL),
        fromMiddle({ x: event.clientX, y: event.clientY }, event.target),
      )
    },
    { passive: false },
  )
  useEventListener(stage, 'pointerdown', (event) =>
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY }),
  )
  useEventListener('pointermove', moved)
  useEventListener(['pointerup', 'pointercancel'], (event: PointerEvent) => void fingers.delete(event.pointerId))

  return {
    scale: readonly(scale),
    style: computed(() => ({ transform: `translate(${at.value.x}px, ${at.value.y}px) scale(${scale.value})` })),
    closer: () => zoomTo(scale.value * STEP),
    further: () => zoomTo(scale.value / STEP),
    fit: () => zoomTo(1),
    /** The pointer was taken for something else. */
    release: (event: PointerEvent) => void fingers.delete(event.pointerId),
  }
}

const apart = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y)
const between = (a: Point, b: Point) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })
