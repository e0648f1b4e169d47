import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { OperationError, type OperationOutput } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import { diskError } from '../db/disk-error.ts'
import { finishReplacement, replaceFile, type ReplaceStep } from '../db/replace-file.ts'
import { raiseSequence } from '../db/replace-content.ts'
import { dropReadied, type Readied, requireBackup } from '../db/restore.ts'
import { readLease } from '../board/lease.ts'
import { isMissing } from '../home/files.ts'
import { runJob } from '../jobs/run-job.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import type { Services } from '../services.ts'
import * as boardState from '../tables/board-state.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { refuseLiveBoard } from './live-board.ts'
import { dispatchedBy, refuseRunning } from './replace-board.ts'

/**
 * Makes a board a copy of a backup. A healthy board is backed up first. Then its content is replaced through SQLite,
 * under one lock, so that other processes which have it open see the change. A damaged file is moved aside. Nothing
 * is deleted.
 *
 * @param file absolute path of the backup
 * @throws OperationError CONFLICT while runs are open or another process dispatches the board, BUSY while another
 *   process writes to it for ten seconds on end; nothing has changed then
 */
export async function restoreBackup(
  services: Services,
  slug: string,
  file: string,
  actor: string,
): Promise<OperationOutput<'backup.restore'>> {
  const path = join(services.folders.folder(slug), 'board.db')
  finishReplacement(path)
  const present = openIfHealthy(services, slug)
  if (present !== null) refuseInUse(services, present)
  requireBackup(file)
  refuseLiveBoard(services, file)
  const board_id = present?.connection.read.get(boardState.get, { key: 'board_id' })?.value ?? null
  const inThread = services.isBusyElsewhere
  const readied = await runJob('ready', { file, path, board_id, now: services.clock() }, { inThread })
  services.refuse(slug, new OperationError('BUSY', `A backup of the board “${slug}” is being restored.`))
  try {
    await services.releaseBoard(slug)
    const isHealthy = present !== null
    const request = { slug, path, source: readied.path, actor, now: services.clock() }
    const set_aside = isHealthy
      ? (await runJob('replace', { ...request, purpose: { kind: 'restore', from: file } }, { inThread }))
          .set_aside
      : replaceDamaged(services, readied, path)
    services.admit(slug)
    if (!isHealthy) await noteRestored(services, slug, { from: file, set_aside }, actor)
    const { tasks, runs, events, foreign } = readied
    return { board: slug, restored: file, set_aside, tasks, runs, events, unaccepted: foreign }
  } catch (error) {
    throw diskError(path, error) ?? error
  } finally {
    services.admit(slug)
    dropReadied(readied.path)
  }
}

/** @returns null if the board's file cannot be used */
function openIfHealthy(services: Pick<Services, 'board'>, slug: string): Board | null {
  try {
    return services.board(slug)
  } catch (error) {
    if (error instanceof OperationError && error.code === 'BOARD_DAMAGED') return null
    throw error
  }
}

/** Checked again under the lock; here it avoids a useless copy. */
function refuseInUse(services: Pick<Services, 'clock'>, board: Board): void {
  const open = board.connection.read.all(taskRuns.open, {})
  refuseRunning(
    board.slug,
    open.map((run) => run.task_id),
  )
  const { state, row } = readLease(services, board)
  if (state !== 'free' && row !== null && row.pid !== process.pid) throw dispatchedBy(board.slug, row)
}

/** How far numbers skip ahead when the highest used one cannot be read: more than any board has used since. */
const UNSEEN = 1_000_000

/** Puts the backup in place of an unusable file. */
export function replaceDamaged(
  services: Pick<Services, 'clock'>,
  { path: source, cursor }: Readied,
  path: string,
  atStep?: (step: ReplaceStep) => void,
): string | null {
  const db = new Database(source)
  try {
    raiseSequence(db, 'task_events', cursor + UNSEEN)
    raiseSequence(db, 'task_comments', UNSEEN)
    raiseSequence(db, 'task_runs', newestLoggedRun(join(path, '..', 'logs')))
  } finally {
    db.close()
  }
  return replaceFile(source, path, services.clock(), atStep)
}

/** @returns the highest number of a run that has left files, 0 if none has */
function newestLoggedRun(logs: string): number {
  let newest = 0
  for (const task of namesIn(logs)) {
    for (const name of namesIn(join(logs, task))) {
      const number = Number(/^(\d{1,15})\./.exec(name)?.[1] ?? 0)
      if (number > newest) newest = number
    }
  }
  return newest
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function noteRestored(
  services: Pick<Services, 'board'>,
  slug: string,
  payload: { from: string; set_aside: string | null },
  actor: string,
): Promise<void> {
  const { connection } = services.board(slug)
  await connection.write(actor, (tx) => writeEvent(tx, 'board_restored', null, null, payload))
}
