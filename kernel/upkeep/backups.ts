import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DAY, MINUTE } from '../../formats/time.ts'
import { OperationError, type OperationOutput } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import { type BackupReason, cursorOfFile, listBackups } from '../db/backup-folder.ts'
import { sizeOf } from '../db/set-aside.ts'
import { runJob } from '../jobs/run-job.ts'
import type { Services } from '../services.ts'
import * as taskEvents from '../tables/task-events.ts'

/** The clock, and whether this thread has other work, so that a long job needs a thread of its own. */
type JobServices = Pick<Services, 'clock' | 'isBusyElsewhere'>

/**
 * Writes a checked copy of a board.
 *
 * @param out absolute path of a new file; null for the board's backup folder
 * @throws OperationError CONFLICT
 */
export async function writeBackup(
  services: JobServices,
  board: Board,
  reason: BackupReason,
  out: string | null,
): Promise<OperationOutput<'backup.create'>> {
  if (out !== null) requireNewFile(out)
  const now = services.clock()
  const done = await runJob(
    'backup',
    { path: board.path, reason, target: out, now },
    { inThread: services.isBusyElsewhere },
  )
  return {
    path: done.path,
    size_bytes: sizeOf(done.path),
    made_at: now,
    tasks: done.tasks,
    runs: done.runs,
    events: done.events,
  }
}

/** @throws OperationError CONFLICT for an existing file, or a missing folder */
export function requireNewFile(path: string): void {
  if (existsSync(path)) {
    throw new OperationError('CONFLICT', `File ${path} already exists; it was not changed.`, { path })
  }
  if (!existsSync(dirname(path))) {
    throw new OperationError('CONFLICT', `The folder ${dirname(path)} does not exist.`, { path })
  }
}

/** Interval of the checks for due backups. */
const LOOK_MS = 30 * MINUTE
/** The first check waits until the process has finished starting. */
const FIRST_LOOK_MS = MINUTE

type BackupServices = JobServices & Pick<Services, 'dispatchers' | 'report'>

/** Backs up, once a day, each board that this process dispatches and that has new events. */
export class DailyBackups {
  readonly #services: BackupServices
  #timer: NodeJS.Timeout | undefined
  #working: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(services: BackupServices) {
    this.#services = services
  }

  start(): void {
    if (this.#timer !== undefined || this.#isStopped) return
    const look = () => {
      this.#working = this.#working.then(() => this.runOnce())
      this.#timer = setTimeout(look, LOOK_MS).unref()
    }
    this.#timer = setTimeout(look, FIRST_LOOK_MS).unref()
  }

  /** Backs up the boards that are due. A failure is reported, and retried at the next check. */
  async runOnce(): Promise<void> {
    for (const { board } of this.#services.dispatchers.values()) {
      if (this.#isStopped) return
      try {
        if (isDue(this.#services, board)) await writeBackup(this.#services, board, 'daily', null)
      } catch (error) {
        this.#services.report(`the daily backup of board ${board.slug} failed`, error)
      }
    }
  }

  /** Waits for a backup that is being written. May be called twice. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#working
  }
}

function isDue({ clock }: Pick<Services, 'clock'>, board: Board): boolean {
  const cursor = board.connection.read.get(taskEvents.cursor, {})?.id ?? 0
  if (cursor === 0) return false
  const now = clock()
  // One from the future was made before the clock was set back, nobody knows when.
  const newest = listBackups(board.path).find(({ made_at }) => made_at <= now)
  if (newest === undefined) return true
  if (now - newest.made_at < DAY) return false
  return cursorOfBackup(newest.path) !== cursor
}

function cursorOfBackup(path: string): number | null {
  try {
    return cursorOfFile(path)
  } catch {
    // A damaged backup does not count.
    return null
  }
}
