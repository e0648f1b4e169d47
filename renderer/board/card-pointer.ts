import type { BoardController } from './board-controller.svelte.ts'

/** Opens the card or row that was pressed, or selects it with Ctrl or Shift. Its buttons and other links work as usual. */
export function pressCard(board: BoardController, id: string, event: MouseEvent): void {
  if (event.target instanceof Element && event.target.closest('button, a[href^="http"]')) return
  event.preventDefault()
  if (event.metaKey || event.ctrlKey) board.walk.toggle(id)
  else if (event.shiftKey) board.walk.extendTo(id)
  else board.open(id)
}

/** Opens the menu of all actions at the pointer. */
export function openCardMenu(board: BoardController, id: string, event: MouseEvent): void {
  event.preventDefault()
  board.walk.current = id
  board.openMenu('actions', {
    getBoundingClientRect: () => new DOMRect(event.clientX, event.clientY, 0, 0),
  })
}
