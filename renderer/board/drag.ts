import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine'
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter'
import { setCustomNativeDragPreview } from '@atlaskit/pragmatic-drag-and-drop/element/set-custom-native-drag-preview'
import type { DragLocationHistory } from '@atlaskit/pragmatic-drag-and-drop/types'
import { autoScrollForElements } from '@atlaskit/pragmatic-drag-and-drop-auto-scroll/element'
import type { Attachment } from 'svelte/attachments'
import type { TaskStatus } from '../../contract/states.ts'
import type { BoardController } from './board-controller.svelte.ts'
import type { StageLane } from './stages/stage-lanes.ts'
import type { Edge } from './rank-cards.ts'

/** Makes a card draggable, together with the selection that it is part of. */
export function draggableCard(board: BoardController, id: () => string): Attachment<HTMLElement> {
  return (element) =>
    draggable({
      element,
      getInitialData: () => ({ id: id() }),
      onGenerateDragPreview: ({ nativeSetDragImage }) => {
        const count = board.dragSet(id()).length
        if (count < 2) return
        setCustomNativeDragPreview({
          nativeSetDragImage,
          render: ({ container }) => {
            const preview = document.createElement('div')
            preview.className = 'drag-preview'
            preview.textContent = `${count} tasks`
            container.append(preview)
          },
        })
      },
      onDragStart: () => {
        board.dragging = board.dragSet(id())
      },
      onDrop: () => {
        board.dragging = []
      },
    })
}

/** Makes a card accept other cards of its column above or below it, where the column is ordered by hand. */
export function dropBeside(board: BoardController, id: () => string): Attachment<HTMLElement> {
  return (element) => {
    const edgeAt = (y: number): Edge => {
      const { top, height } = element.getBoundingClientRect()
      return y < top + height / 2 ? 'top' : 'bottom'
    }
    const show = ({ location }: { location: DragLocationHistory }) => {
      const edge = edgeAt(location.current.input.clientY)
      const { target } = board.ranking
      if (target?.id !== id() || target.edge !== edge) board.ranking.target = { id: id(), edge }
    }
    const leave = () => {
      if (board.ranking.target?.id === id()) board.ranking.target = null
    }
    return dropTargetForElements({
      element,
      canDrop: ({ source }) => {
        const card = board.store.card(id())
        return card !== undefined && board.ranking.canPlace(dragged(board, source), card)
      },
      onDragEnter: show,
      onDrag: show,
      onDragLeave: leave,
      onDrop: ({ source, location }) => {
        leave()
        const card = board.store.card(id())
        const edge = edgeAt(location.current.input.clientY)
        if (card !== undefined) void board.ranking.drop(dragged(board, source), card, edge)
      },
    })
  }
}

/** Makes a column accept cards that may move to its status. */
export function dropColumn(
  board: BoardController,
  status: TaskStatus,
  setOver: (over: boolean) => void,
): Attachment<HTMLElement> {
  return (element) =>
    combine(
      dropTargetForElements({
        element,
        // Use the dragged ids, not the displayed state: that follows a frame later, and the drop may come first.
        canDrop: ({ source }) => board.targetsOf(dragged(board, source)).includes(status),
        onDragEnter: () => setOver(true),
        onDragLeave: () => setOver(false),
        onDrop: ({ source }) => {
          setOver(false)
          void board.move(board.cards(dragged(board, source)), status)
        },
      }),
    )
}

/** Makes a lane accept the cards that can be sent to one of its steps. */
export function dropLane(
  board: BoardController,
  lane: () => StageLane,
  setOver: (over: boolean) => void,
): Attachment<HTMLElement> {
  return (element) =>
    dropTargetForElements({
      element,
      canDrop: ({ source }) => board.stages.refusal(lane(), dragged(board, source)) === null,
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: ({ source }) => {
        setOver(false)
        void board.stages.send(dragged(board, source), lane())
      },
    })
}

function dragged(board: BoardController, source: { data: Record<string, unknown> }): readonly string[] {
  return board.dragSet(String(source.data['id']))
}

/** Scrolls the element while something is dragged near its edges. */
export function scrollsAlong(): Attachment<HTMLElement> {
  return (element) => autoScrollForElements({ element })
}
