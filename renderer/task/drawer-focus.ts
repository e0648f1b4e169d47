/** Had the focus before the drawer opened, and gets it back, however many tasks were viewed meanwhile. */
let origin: Element | null = null
let open = 0
let closedAt = 0

/** A task that follows another within this time replaces it without an animation. */
const SAME_BREATH = 150

/** @returns whether the drawer was open a moment ago, with another task */
export function isContinued(): boolean {
  return performance.now() - closedAt < SAME_BREATH
}

/**
 * Moves the focus into the drawer.
 *
 * @returns a function that gives the focus back, to the task's card if there is one, unless another task follows
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
