import type { BoardController } from './board-controller.svelte.ts'

/** A press on a card or a row: opens it, or selects with Ctrl or Shift. Buttons and links to elsewhere keep their own. */
export function pressCard(board: BoardController, id: string, event: MouseEvent): void {
  if (event.target instanceof Element && event.target.closest('button, a[href^="http"]')) return
  event.preventDefault()
  if (event.metaKey || event.ctrlKey) board.walk.toggle(id)
  else if (event.shiftKey) board.walk.extendTo(id)
  else board.open(id)
}

/** Opens the menu of all actions where the pointer is. */
export function openCardMenu(board: BoardController, id: string, event: MouseEvent): void {
  event.preventDefault()
  board.walk.current = id
  board.openMenu('actions', {
    getBoundingClientRect: () => new DOMRect(event.clientX, event.clientY, 0, 0),
  })
}
