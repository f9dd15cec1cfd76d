/** Do `work` at most once per frame, however often it is asked for. A hidden tab gets no frames: then once a second. */
export function oncePerFrame(work: () => void) {
  let frame = 0
  let late = 0

  function now() {
    cancelAnimationFrame(frame)
    clearTimeout(late)
    frame = late = 0
    work()
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden && frame) now()
  })

  return {
    now,
    ask() {
      if (frame || late) return
      if (document.hidden) late = window.setTimeout(now, 1000)
      else frame = requestAnimationFrame(now)
    },
  }
}
