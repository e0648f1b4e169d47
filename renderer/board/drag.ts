import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine'
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter'
import { setCustomNativeDragPreview } from '@atlaskit/pragmatic-drag-and-drop/element/set-custom-native-drag-preview'
import { autoScrollForElements } from '@atlaskit/pragmatic-drag-and-drop-auto-scroll/element'
import type { Attachment } from 'svelte/attachments'
import type { TaskStatus } from '../../contract/states.ts'
import type { BoardController } from './board-controller.svelte.ts'

/** A card can be taken up; with it goes the selection that it is part of. */
export function draggableCard(board: BoardController, id: () => string): Attachment<HTMLElement> {
  return (element) =>
    draggable({
      element,
      getInitialData: () => ({ id: id() }),
      onGenerateDragPreview: ({ nativeSetDragImage }) => {
        const count = board.handful(id()).length
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
        board.dragging = board.handful(id())
      },
      onDrop: () => {
        board.dragging = []
      },
    })
}

/** A column takes what may move to its status, and nothing else. */
export function dropColumn(
  board: BoardController,
  status: TaskStatus,
  setOver: (over: boolean) => void,
): Attachment<HTMLElement> {
  return (element) =>
    combine(
      dropTargetForElements({
        element,
        // Of what is dragged, not of what is shown as dragged: that comes with the next frame, and the drop may be sooner.
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

function dragged(board: BoardController, source: { data: Record<string, unknown> }): readonly string[] {
  return board.handful(String(source.data['id']))
}

/** Near its edges the element scrolls along while something is dragged. */
export function scrollsAlong(): Attachment<HTMLElement> {
  return (element) => autoScrollForElements({ element })
}
