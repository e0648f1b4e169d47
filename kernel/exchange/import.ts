import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { plural } from '../../formats/count.ts'
import { slugOf } from '../../formats/slug.ts'
import { OperationError, type OperationOutput, slug as slugSchema } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import { runJob } from '../jobs/run-job.ts'
import { wouldRun } from '../board/acceptance.ts'
import { whyNoWorktreeTask } from '../board/workspace-choice.ts'
import type { Services } from '../services.ts'
import { refuseLiveBoard } from '../upkeep/live-board.ts'
import { notEmpty } from '../upkeep/replace-board.ts'
import * as whole from '../tables/whole-board.ts'
import type { Imported } from './jobs.ts'

type Answer = OperationOutput<'exchange.import_json'>

/**
 * Creates a board from a file. The board is completed in a separate folder and only then moved into place, so a
 * refused file leaves nothing behind.
 *
 * @param slug the board to create; null takes the name from the file's name or content
 * @throws OperationError NOT_FOUND, CONFLICT when the board exists and is not empty, and the errors of reading the
 *   file
 */
export async function importBoard(
  services: Services,
  source: 'json' | 'hermes',
  file: string,
  slug: string | undefined,
): Promise<Answer> {
  refuseBoardOf(services, file)
  refuseLiveBoard(services, file)
  if (slug !== undefined) refuseUsed(services, slug)
  const folder = services.folders.unfinished()
  try {
    const path = join(folder, 'board.db')
    const imported = await runJob(
      'import',
      { source, file, target: path, now: services.clock() },
      // A thread that runs out of memory reports an error; a process would die.
      { inThread: services.isBusyElsewhere || isLarge(file) },
    )
    const name = slug ?? (source === 'json' ? importedSlug(imported.settings.name) : hermesSlug(file))
    if (slug === undefined) refuseUsed(services, name)
    await putInPlace(services, folder, name, imported)
    const before = services.folders.current()
    if (before === null) services.folders.setCurrent(name)
    const { settings: _settings, warnings: left, ...counts } = imported
    const board = services.board(name)
    const warnings = [...left, ...(await worktreeWarnings(board))]
    const current = { became_current: before === null, current_board: before ?? name }
    const answer = { board: name, ...current, path: services.folders.folder(name), ...counts, warnings }
    return { ...answer, unaccepted: true, ...wouldRun(services, board) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The project folder comes from the file, and may not exist on this machine: the tasks are kept, and the problem is
 * reported.
 */
async function worktreeWarnings(board: Board): Promise<string[]> {
  const count = board.connection.read.get(whole.openWorktrees, {})?.count ?? 0
  const problem = count === 0 ? null : await whyNoWorktreeTask(board)
  if (problem === null) return []
  const which = plural(
    count,
    'A task that is not finished needs',
    `${count} tasks that are not finished need`,
  )
  return [`${which} a git worktree and cannot start yet. ${problem}`]
}

/** From this size on, starting a thread costs little compared with the work. */
const LARGE_BYTES = 16_000_000

function isLarge(file: string): boolean {
  try {
    return statSync(file).size > LARGE_BYTES
  } catch {
    // Missing or unreadable: reading it reports that.
    return false
  }
}

/** A board of this home is copied with `export`; its file cannot be read past SQLite while it is in use. */
function refuseBoardOf(services: Services, file: string): void {
  const boards = join(services.home, 'boards')
  const inside = relative(realOr(boards), realOr(file))
  if (inside.startsWith('..') || isAbsolute(inside) || !inside.endsWith('.db')) return
  throw new OperationError(
    'CONFLICT',
    `${file} belongs to a board of Runboard; “runboard export” takes it out.`,
    {
      path: file,
    },
  )
}

function realOr(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // Missing: reading it reports that.
    return path
  }
}

/** @throws OperationError CONFLICT for a board that has, or once had, content */
function refuseUsed(services: Services, slug: string): void {
  if (!services.folders.exists(slug)) return
  const { connection } = services.board(slug)
  if (connection.read.get(whole.isUsed, {})?.used === 0) return
  throw notEmpty(slug, connection.read.get(whole.counts, {})?.tasks ?? 0)
}

/** A slug made from a board's name. */
function importedSlug(name: string): string {
  const made = slugOf(name)
  return slugSchema().safeParse(made).success ? made : 'imported'
}

/** Hermes keeps each board except the first in a folder named after it. */
function hermesSlug(file: string): string {
  const folder = dirname(file).split(/[/\\]/)
  const name = importedSlug(folder.at(-2) === 'boards' ? (folder.at(-1) ?? '') : 'hermes')
  return name === 'imported' ? 'hermes' : name
}

/** Files are named after their content, so one that is there already is the same. */
function moveAttachments(from: string, to: string): void {
  const source = join(from, 'attachments')
  if (!existsSync(source)) return
  const target = join(to, 'attachments')
  mkdirSync(target, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(source)) renameSync(join(source, name), join(target, name))
}

async function putInPlace(
  services: Services,
  folder: string,
  slug: string,
  imported: Imported,
): Promise<void> {
  const { paused: _paused, ...settings } = imported.settings
  if (services.folders.exists(slug)) {
    const { path } = services.board(slug)
    const source = join(folder, 'board.db')
    const request = { slug, path, source, purpose: { kind: 'import' as const }, actor: 'import' }
    await runJob('replace', { ...request, now: services.clock() }, { inThread: services.isBusyElsewhere })
    moveAttachments(folder, services.folders.folder(slug))
    await services.folders.change(slug, settings)
    return
  }
  services.folders.adopt(folder, slug, settings)
}
