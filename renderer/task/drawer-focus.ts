/** Had the focus before the drawer opened, and gets it back, however many tasks were viewed meanwhile. */
let origin: Element | null = null
let open = 0
let closedAt = 0

/** Whether the next task to open takes the focus even from a list with `data-keeps-focus`. */
let isWanted = false

/** A task that follows another within this time replaces it without an animation. */
const SAME_BREATH = 150

/** @returns whether the drawer was open a moment ago, with another task */
export function isContinued(): boolean {
  return performance.now() - closedAt < SAME_BREATH
}

/** On Escape in a field, leaves the field and keeps its text. A second Escape closes the task. */
export function leaveByEscape(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  if (event.key !== 'Escape') return
  const around = event.currentTarget.closest<HTMLElement>('[data-scope="drawer"], [data-card]')
  if (around === null) return
  event.preventDefault()
  event.stopPropagation()
  around.focus({ preventScroll: true })
}

/**
 * Moves the focus into the open task, or into the one that is about to open.
 *
 * @param place a selector of the element in the task; without it, the task itself
 */
export function focusTask(place?: string): void {
  const panel = document.querySelector<HTMLElement>('[data-scope="drawer"]')
  isWanted = panel === null
  const target = place === undefined ? null : panel?.querySelector<HTMLElement>(place)
  ;(target ?? panel)?.focus()
}

/**
 * Moves the focus into the drawer, except from a list with `data-keeps-focus` beside the drawer.
 *
 * @returns a function that gives the focus back, to the task's card if there is one, unless another task follows
 */
export function holdFocus(panel: HTMLElement, taskId: string): () => void {
  const from = document.activeElement
  const stays = !isWanted && from !== null && from.closest('[data-keeps-focus]') !== null
  isWanted = false
  if (open === 0 && !isContinued()) origin = from
  open++
  if (!stays) panel.focus({ preventScroll: true })
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
