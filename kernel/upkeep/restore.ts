import { join } from 'node:path'
import { OperationError, type OperationOutput } from '../../contract/index.ts'
import type { Board } from '../board.ts'
import { dropReadied, type Readied, replaceContent, replaceFile, requireBackup } from '../db/restore.ts'
import { readLease } from '../dispatcher/lease.ts'
import { runJob } from '../jobs/run-job.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { writeBackup } from './backups.ts'

/**
 * Makes a board what a backup holds. A healthy board is backed up first and its content then replaced through SQLite, so
 * that other processes which have it open see the change; a damaged file is moved aside. Nothing is deleted.
 *
 * @param file absolute path of the backup
 * @throws OperationError CONFLICT while runs are open or another process dispatches the board; nothing has changed then
 */
export async function restoreBackup(
  services: Services,
  slug: string,
  file: string,
  actor: string,
): Promise<OperationOutput<'backup.restore'>> {
  const present = openIfHealthy(services, slug)
  if (present !== null) refuseInUse(services, present)
  const path = join(services.folders.folder(slug), 'board.db')
  requireBackup(file, path)
  const readied = await runJob('ready', { file, path }, { inThread: services.isBusyElsewhere })
  services.refuse(slug, new OperationError('BUSY', `A backup of the board “${slug}” is being restored.`))
  try {
    const set_aside = await replace(services, slug, present, readied, path)
    services.admit(slug)
    await services
      .board(slug)
      .connection.write(actor, (tx) =>
        writeEvent(tx, 'board_restored', null, null, { from: file, set_aside }),
      )
    const { tasks, runs, events } = readied
    return { board: slug, restored: file, set_aside, tasks, runs, events }
  } finally {
    services.admit(slug)
    dropReadied(readied.path)
  }
}

/** @returns null where the board's file cannot be used */
function openIfHealthy(services: Services, slug: string): Board | null {
  try {
    return services.board(slug)
  } catch (error) {
    if (error instanceof OperationError && error.code === 'BOARD_DAMAGED') return null
    throw error
  }
}

function refuseInUse(services: Services, board: Board): void {
  const open = board.connection.read.all(taskRuns.open, {})
  if (open.length > 0) {
    throw new OperationError(
      'CONFLICT',
      `No backup can be restored while ${open.length === 1 ? 'a task runs' : `${open.length} tasks run`} on the board “${board.slug}”. Stop them first.`,
      { board: board.slug, running: open.map((run) => run.task_id) },
    )
  }
  const { state, row } = readLease(services, board)
  if (state === 'free' || row === null || row.pid === process.pid) return
  throw new OperationError(
    'CONFLICT',
    `${row.holder} (pid ${row.pid}) dispatches the board “${board.slug}”. Quit it before a backup is restored.`,
    { board: board.slug, holder: row.holder, pid: row.pid },
  )
}

async function replace(
  services: Services,
  slug: string,
  present: Board | null,
  readied: Readied,
  path: string,
): Promise<string | null> {
  if (present === null) {
    await services.letGo(slug)
    return replaceFile(readied, path, services.clock())
  }
  const { path: kept } = await writeBackup(services, present, 'restore', null)
  await services.letGo(slug)
  await replaceContent(readied.path, path)
  return kept
}
