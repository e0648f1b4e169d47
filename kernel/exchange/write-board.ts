import { randomBytes } from 'node:crypto'
import { type BoardExport, type ExportedTemplate, OperationError } from '../../contract/index.ts'
import type { Connection, WriteTx } from '../db/connection.ts'
import { storeParts } from '../lifecycle/begin-walk.ts'
import { definitionOf } from '../lifecycle/walk.ts'
import * as boardState from '../tables/board-state.ts'
import * as savedViews from '../tables/saved-views.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as tasks from '../tables/tasks.ts'
import * as whole from '../tables/whole-board.ts'
import { importMessage, importQuestion, importRun, importTask } from './present-whole.ts'
import { importItem, importTemplate, importVisit, importWalk } from './present-workflows.ts'

/**
 * Writes a whole board into an empty one, in one transaction.
 *
 * @param board checked and consistent
 * @param host the host recorded for the processes of open runs, never this machine
 * @param source what it was read from, for the error
 * @throws OperationError CONFLICT when the board is not empty, INVALID_INPUT for rows that the schema refuses;
 *   nothing has changed then
 */
export function writeBoard(
  connection: Connection,
  board: BoardExport,
  host: string | null,
  source: string,
): void {
  try {
    connection.writeNow('import', (tx) => {
      if (tx.get(whole.isUsed, {})?.used !== 0) {
        throw new OperationError('CONFLICT', 'The board is not empty.')
      }
      fill(tx, board, host)
    })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!code.startsWith('SQLITE_CONSTRAINT')) throw error
    const why = error instanceof Error ? error.message : ''
    throw new OperationError('INVALID_INPUT', `${source} is not a valid board: ${why}.`, undefined, {
      cause: error,
    })
  }
}

function fill(tx: WriteTx, board: BoardExport, host: string | null): void {
  tx.run(whole.deferReferences, {})
  for (const task of board.tasks) tx.run(tasks.insert, importTask(task))
  for (const link of board.links) tx.run(taskLinks.insert, link)
  for (const run of board.runs) {
    tx.run(whole.insertRun, importRun(run, randomBytes(24).toString('base64url'), host))
  }
  for (const comment of board.comments) tx.run(whole.insertComment, comment)
  for (const { content: _file, ...attachment } of board.attachments) {
    tx.run(whole.insertAttachment, attachment)
  }
  for (const event of board.events) {
    tx.run(whole.insertEvent, {
      ...event,
      payload: event.payload === null ? null : JSON.stringify(event.payload),
    })
  }
  for (const view of board.views) {
    tx.returning(savedViews.save, { ...view, query: JSON.stringify(view.query) })
  }
  for (const template of board.workflows) fillTemplate(tx, template)
  for (const walk of board.walks) tx.run(whole.insertWalk, importWalk(walk))
  for (const visit of board.visits) tx.run(whole.insertVisit, importVisit(visit))
  for (const item of board.items) tx.run(whole.insertItem, importItem(item))
  for (const question of board.questions) tx.run(whole.insertQuestion, importQuestion(question))
  for (const message of board.messages) tx.run(whole.insertMessage, importMessage(message))
  fillState(tx, board)
}

/** Writes a version, with steps and ways derived from its definition. */
function fillTemplate(tx: WriteTx, template: ExportedTemplate): void {
  const row = importTemplate(template)
  tx.run(whole.insertTemplate, row)
  storeParts(tx, row.id, definitionOf(row))
}

function fillState(tx: WriteTx, board: BoardExport): void {
  const cursor = Math.max(board.cursor, board.events.at(-1)?.id ?? 0)
  tx.run(whole.forgetCursor, {})
  tx.run(whole.setCursor, { cursor })
  // Nothing of a board from outside runs before a person has seen what it would run.
  tx.run(boardState.set, { key: 'unaccepted', value: 'true', now: tx.now })
  if (board.board.paused) tx.run(boardState.set, { key: 'paused', value: 'true', now: tx.now })
  if (board.inbox_seen > 0)
    tx.run(boardState.set, { key: 'inbox_seen', value: String(board.inbox_seen), now: tx.now })
}
