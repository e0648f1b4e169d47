import { count, plural } from '../../formats/count.ts'
import { OperationError } from '../../contract/index.ts'
import { backupBoard } from '../db/backup.ts'
import { cursorOf } from '../db/backup-folder.ts'
import { busyError, Connection, isBusy, type WriteTx } from '../db/connection.ts'
import { withBoardFile } from '../db/open.ts'
import { attachSource, replaceContent } from '../db/replace-content.ts'
import { leaseState } from '../board/lease.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import * as boardState from '../tables/board-state.ts'
import * as leases from '../tables/dispatcher-lease.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as whole from '../tables/whole-board.ts'

/** Steps of replacing the content of a healthy board, at which tests end the process. */
export type RestoreStep = 'locked' | 'kept' | 'replaced' | 'committed'

export interface ReplaceRequest {
  slug: string
  /** Absolute path of the board's file. */
  path: string
  /** Absolute path of a checked board of the newest schema, which this board becomes a copy of. */
  source: string
  /** `restore`: the current board is backed up first. `import`: the board must be empty. */
  purpose: { kind: 'restore'; from: string } | { kind: 'import' }
  actor: string
  now: number
}

export interface Replaced {
  /** The backup of the old content; null if it was empty. */
  set_aside: string | null
}

/**
 * Makes a board a copy of another file, under one write lock. Under the lock the old content is checked, kept and
 * replaced, so every acknowledged write is in the kept copy or comes later.
 *
 * @throws OperationError CONFLICT, BUSY; nothing has changed then
 */
export function replaceBoard(
  request: ReplaceRequest,
  atStep: (step: RestoreStep) => void = () => undefined,
): Replaced {
  const { path, source, now, actor } = request
  try {
    const done = withBoardFile(path, (db) => {
      attachSource(db, source)
      const connection = new Connection(db, { clock: () => now, busy: 'block' })
      return connection.writeNow(actor, (tx) => {
        atStep('locked')
        const set_aside =
          request.purpose.kind === 'restore' ? keepAsItIs(tx, request) : requireEmpty(tx, request)
        atStep('kept')
        const id = tx.get(boardState.get, { key: 'board_id' })?.value
        replaceContent(db)
        if (id !== undefined) tx.run(boardState.set, { key: 'board_id', value: id, now })
        if (request.purpose.kind === 'restore')
          writeEvent(tx, 'board_restored', null, null, { from: request.purpose.from, set_aside })
        atStep('replaced')
        return { set_aside, cursor: tx.get(taskEvents.cursor, {})?.id ?? 0 }
      })
    })
    atStep('committed')
    requireDone(path, done.cursor)
    return { set_aside: done.set_aside }
  } catch (error) {
    throw isBusy(error) ? busyError(error) : error
  }
}

/** Asks the file itself, by another connection: the replacement counts only if it is there. */
function requireDone(path: string, cursor: number): void {
  if (cursor > 0 && withBoardFile(path, cursorOf) < cursor)
    throw new Error('the board’s file does not hold what was written to it')
}

function keepAsItIs(tx: WriteTx, { slug, path, now }: ReplaceRequest): string {
  refuseRunning(
    slug,
    tx.all(taskRuns.open, {}).map((run) => run.task_id),
  )
  const lease = tx.get(leases.get, {})
  if (lease !== undefined && lease.pid !== process.pid && leaseState(lease, now) !== 'free')
    throw dispatchedBy(slug, lease)
  // With its own connection: it reads committed content, and no other process can commit meanwhile.
  return withBoardFile(path, (db) => backupBoard(db, path, 'restore', now)).path
}

function requireEmpty(tx: WriteTx, { slug }: ReplaceRequest): null {
  if (tx.get(whole.isUsed, {})?.used === 0) return null
  throw notEmpty(slug, tx.get(whole.counts, {})?.tasks ?? 0)
}

/** @throws OperationError CONFLICT */
export function refuseRunning(slug: string, running: readonly string[]): void {
  if (running.length === 0) return
  throw new OperationError(
    'CONFLICT',
    `No backup can be restored while ${plural(running.length, 'a task runs', `${running.length} tasks run`)} on the board “${slug}”. ${plural(running.length, 'Stop it', 'Stop them')} first.`,
    { board: slug, running },
  )
}

export function dispatchedBy(slug: string, { holder, pid }: { holder: string; pid: number }): OperationError {
  return new OperationError(
    'CONFLICT',
    `${holder} (pid ${pid}) dispatches the board “${slug}”. Quit it before a backup is restored.`,
    { board: slug, holder, pid },
  )
}

export function notEmpty(slug: string, tasks: number): OperationError {
  return new OperationError(
    'CONFLICT',
    `The board “${slug}” is not empty (${count(tasks, 'task')}). Import into a new one with “--as SLUG”.`,
    { board: slug, tasks },
  )
}
