/** Where the focus was before the drawer opened: it goes back there, however many tasks were looked at meanwhile. */
let origin: Element | null = null
let open = 0
let closedAt = 0

/** A task that follows another within this time takes its place: nothing slides in again. */
const SAME_BREATH = 150

/** @returns whether the drawer was open a moment ago, with another task in it */
export function isContinued(): boolean {
  return performance.now() - closedAt < SAME_BREATH
}

/**
 * Takes the focus into the drawer.
 *
 * @returns a function that gives it back, to the task's card where it has one, unless another task takes the place
 */
export function holdFocus(panel: HTMLElement, taskId: string): () => void {
  if (open === 0 && !isContinued()) origin = document.activeElement
  open++
  panel.focus({ preventScroll: true })
  return () => {
    open--
    closedAt = performance.now()
    const hadFocus = document.activeElement === document.body || panel.contains(document.activeElement)
    queueMicrotask(() => {
      if (open > 0 || !hadFocus) return
      const card = document.querySelector(`[data-card="${CSS.escape(taskId)}"]`)
      const target = card ?? (origin?.isConnected ? origin : null)
      if (target instanceof HTMLElement) target.focus({ preventScroll: true })
    })
  }
}
