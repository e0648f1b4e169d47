import { type Dirent, readdirSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DAY } from '../../formats/time.ts'
import type { OperationOutput } from '../../contract/index.ts'
import { freshFolder } from '../board/fresh-workspace.ts'
import { whoUses } from '../board/folder-users.ts'
import { isMissing, removeFile } from '../home/files.ts'
import type { Board } from '../board/board.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import type { Services } from '../services.ts'
import * as finished from '../tables/finished.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import { readMarker } from '../workers/workspace/marker.ts'
import { type Retired, retireWorkspace, whyKeep } from '../workers/workspace/retire.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'
import { readWorktreeMarker } from '../workers/workspace/worktree-marker.ts'

type Report = OperationOutput<'gc.run'>

/** Events and logs are deleted this long after their task ended. */
const HISTORY_DAYS = 30
/**
 * Scratch folders and clean worktrees are moved to the trash this long after the last task that may need them ended.
 */
const WORKSPACE_DAYS = 7
/** Items that have been in the trash this long are listed, for a person to delete. */
const TRASH_DAYS = 30
/** For the remains of a process that died in the middle of its work. */
const LEFTOVER_DAYS = 1

const BATCH = 2000

/** The board that is tidied up, and a write in the caller's name. */
export interface GarbageContext {
  services: Pick<Services, 'board' | 'clock' | 'folders'>
  board: Board
  read: Reader
  write: <T>(body: (tx: WriteTx) => T) => Promise<T>
}

/**
 * Removes what finished tasks no longer need: only what Runboard itself created, and nothing of an open task. Folders
 * that workers worked in are moved to the trash, and stay there until a person empties it.
 *
 * @param dryRun reports what would be removed, and changes nothing
 */
export async function collectGarbage(context: GarbageContext, dryRun: boolean): Promise<Report> {
  const now = context.services.clock()
  return {
    dry_run: dryRun,
    events_removed: await thinEvents(context, now - HISTORY_DAYS * DAY, dryRun),
    logs: removeLogs(context, now - HISTORY_DAYS * DAY, dryRun),
    workspaces: await retireWorkspaces(context, now - WORKSPACE_DAYS * DAY, dryRun),
    leftovers: removeLeftovers(context, now - LEFTOVER_DAYS * DAY, dryRun),
    trash: oldTrash(context, now),
  }
}

async function thinEvents({ read, write }: GarbageContext, before: number, dryRun: boolean): Promise<number> {
  if (dryRun) return read.get(finished.countOldEvents, { before })?.count ?? 0
  for (let removed = 0; ;) {
    const batch = await write((tx) => tx.run(finished.removeOldEvents, { before, limit: BATCH }))
    removed += batch
    if (batch < BATCH) return removed
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** The files of one run: `<run>.log`, its index, its exit status, its worker's context; the same for its check. */
const RUN_FILE = /^\d+\.(?:check\.)?(log|log\.idx|exit|exit\.tmp|context\.md)$/

function removeLogs({ board, read }: GarbageContext, before: number, dryRun: boolean): Report['logs'] {
  const ended = new Set(read.all(finished.endedBefore, { before }).map((row) => row.id))
  const removed: Report['logs'] = []
  const logs = join(board.folder, 'logs')
  for (const { name: task_id } of entriesOf(logs).filter((entry) => entry.isDirectory())) {
    const isGone = read.get(tasks.byId, { id: task_id }) === undefined
    if (!isGone && !ended.has(task_id)) continue
    const folder = join(logs, task_id)
    for (const { name } of entriesOf(folder).filter((entry) => entry.isFile() && RUN_FILE.test(entry.name))) {
      const path = join(folder, name)
      const stat = statSync(path)
      if (stat.mtimeMs >= before) continue
      if (name.endsWith('.log')) removed.push({ task_id, path, size_bytes: stat.size })
      if (!dryRun) removeFile(path)
    }
    if (!dryRun && entriesOf(folder).length === 0) rmdirSync(folder)
  }
  return removed
}

async function retireWorkspaces(
  context: GarbageContext,
  before: number,
  dryRun: boolean,
): Promise<Report['workspaces']> {
  const { board, services } = context
  const found = [
    ...context.read
      .all(finished.idleWorkspaces, { before })
      .map((row) => ({ task_id: row.id, path: row.workspace_path })),
    ...(await orphans(context, before)),
  ].filter(({ path }) => statSync(path, { throwIfNoEntry: false }) !== undefined)
  const report: Report['workspaces'] = []
  for (const { task_id, path } of found) {
    const use = whoUses(services, path, { board: board.slug, tasks: [] })
    const retired = use === null ? await retireOne(context, path, dryRun) : { kept: use }
    report.push({ task_id, path, moved_to: null, kept: null, ...retired })
  }
  return report
}

/** A worktree that git cannot read stays, and does not keep the others from being removed. */
async function retireOne(
  { board, services }: GarbageContext,
  path: string,
  dryRun: boolean,
): Promise<Retired | { kept: null }> {
  try {
    if (dryRun) return { kept: await whyKeep(path) }
    return await retireWorkspace(path, { trash_dir: board.trashFolder, now: services.clock })
  } catch (error) {
    if (error instanceof WorkerSetupError) return { kept: error.message }
    throw error
  }
}

/** Workspace folders whose task has been deleted, or which were made for a run that is over. */
async function orphans(
  { board, read }: GarbageContext,
  before: number,
): Promise<{ task_id: string; path: string }[]> {
  const found: { task_id: string; path: string }[] = []
  for (const entry of entriesOf(board.workspacesFolder).filter((each) => each.isDirectory())) {
    const path = join(board.workspacesFolder, entry.name)
    const marker = readMarker(path) ?? (await readWorktreeMarker(path))
    if (marker === null || marker.created_at >= before) continue
    const fresh = freshFolder(entry.name)
    const isOver = fresh !== null && read.get(taskRuns.byId, { id: fresh.run_id })?.ended_at !== null
    if (isOver || read.get(tasks.byId, { id: marker.task_id }) === undefined) {
      found.push({ task_id: marker.task_id, path })
    }
  }
  return found
}

/** Half-written files of a process that died. Their names can mean nothing else. */
const LEFTOVER =
  /^(\.board-.+\.db\.\d+\.tmp|board\.db\.\d+\.restoring(-wal|-shm|-journal)?|board\.db\.corrupt\..+\.tmp)$/

function removeLeftovers({ board }: GarbageContext, before: number, dryRun: boolean): string[] {
  const paths = [board.folder, join(board.folder, 'backups')].flatMap((folder) =>
    entriesOf(folder)
      .filter((entry) => entry.isFile() && LEFTOVER.test(entry.name))
      .map((entry) => join(folder, entry.name))
      .filter((path) => statSync(path).mtimeMs < before),
  )
  if (!dryRun) paths.forEach(removeFile)
  return paths
}

function oldTrash({ board }: GarbageContext, now: number): Report['trash'] {
  return entriesOf(board.trashFolder).flatMap((entry) => {
    const path = join(board.trashFolder, entry.name)
    // The time of its last move: the folder's own time is that of the work in it.
    const age_days = Math.floor((now - statSync(path).ctimeMs) / DAY)
    return age_days >= TRASH_DAYS ? [{ path, age_days }] : []
  })
}
