import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  type Board as BoardAnswer,
  type CheckedInput,
  OperationError,
  TASK_STATUSES,
  type TaskStatus,
  TEXT_LIMITS,
} from '../../contract/index.ts'
import type { Board } from '../board.ts'
import type { Reader } from '../db/connection.ts'
import { countArchived } from '../db/inspect.ts'
import {
  type ArchivedBoard,
  type BoardFile,
  type BoardFolders,
  DEFAULT_SLUG,
  defaultSettings,
  requireProjectFolder,
} from '../home/board-folders.ts'
import { whoUses } from '../folder-users.ts'
import { presentEvent } from '../present.ts'
import { acceptProject, requireUsableProject } from '../own-workspace.ts'
import { checkedSlug, type Services } from '../services.ts'
import * as cards from '../tables/cards.ts'
import * as profileState from '../tables/profile-state.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import { accept, isUnaccepted, wouldRun } from './acceptance.ts'
import { boardFacts, cardsOf, dispatcherState, isPaused, presentCards } from './facts.ts'
import type { AppContext, AppHandlers, BoardHandlers } from './handler.ts'
import { whyNoWorktreeTask } from './workspace-choice.ts'

export const boardHandlersOfApp: AppHandlers<
  | 'board.init'
  | 'board.list'
  | 'board.create'
  | 'board.switch'
  | 'board.rename'
  | 'board.set'
  | 'board.archive'
  | 'board.restore'
  | 'board.accept'
  | 'board.delete'
> = {
  'board.init': initBoard,

  'board.list': ({ services }, { archived }) => ({
    boards: archived
      ? services.folders.archived().map((one) => describeArchived(services, one))
      : services.folders.list().map((slug) => describeAnyway(services, slug)),
  }),

  'board.create': async (context, input) => {
    const { services } = context
    if (services.folders.exists(input.slug)) {
      throw new OperationError('CONFLICT', `There is a board “${input.slug}” already.`, { board: input.slug })
    }
    const project = input.project_dir === null ? null : requireProjectFolder(input.project_dir)
    if (project !== null) await requireUsableProject(project)
    makeBoard(context, input.slug, input)
    if (project !== null) await acceptProject(services.folders.folder(input.slug), project, services.clock())
    if (input.switch) services.folders.setCurrent(input.slug)
    return { board: describeBoard(services, input.slug) }
  },

  'board.switch': ({ services }, { slug }) => {
    const board = describeBoard(services, slug)
    services.folders.setCurrent(slug)
    return { board: { ...board, current: true } }
  },

  'board.rename': async ({ services }, { slug, name }) => {
    services.board(slug)
    await services.folders.change(slug, { name })
    return { board: describeBoard(services, slug) }
  },

  'board.set': async ({ services }, { slug, settings }) => {
    services.board(slug)
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
    if (Object.keys(given).length === 0) {
      throw new OperationError('INVALID_INPUT', 'There is nothing to set: give KEY=VALUE, or --project DIR.')
    }
    if (typeof given['project_dir'] === 'string')
      given['project_dir'] = requireProjectFolder(given['project_dir'])
    await requireUsableDefault(services, slug, given)
    const project = given['project_dir']
    if (typeof project === 'string')
      await acceptProject(services.folders.folder(slug), project, services.clock())
    await services.folders.change(slug, given)
    return { board: describeBoard(services, slug) }
  },

  'board.archive': async ({ services }, { slug }) => {
    await closeForGood(services, slug, 'archived')
    const path = services.folders.archive(slug, services.clock())
    return { archived: slug, path }
  },

  'board.restore': restoreArchived,

  'board.accept': async ({ services, caller }, { slug }) => {
    const board = services.board(slug)
    const accepted = isUnaccepted(board.connection.read)
    const listed = wouldRun(services, board)
    await board.connection.write(caller.actor, accept)
    return { board: slug, accepted, ...listed }
  },

  'board.delete': async ({ services }, { slug }) => {
    await closeForGood(services, slug, 'deleted')
    services.folders.delete(slug)
    return { deleted: slug }
  },
}

export const boardHandlersOfBoard: BoardHandlers<
  'board.show' | 'board.commands' | 'board.view' | 'board.changes' | 'event.list'
> = {
  'board.show': ({ services, board }) => ({ board: describeOpen(services, board) }),

  'board.commands': ({ services, board }) => ({
    board: board.slug,
    unaccepted: isUnaccepted(board.connection.read),
    ...wouldRun(services, board),
  }),

  'board.view': ({ services, board }, { archived, done_limit, limit }) => {
    return board.connection.snapshot((read) => {
      const facts = boardFacts(services, board)
      const counts = countsOf(board.connection.read)
      const shown = TASK_STATUSES.filter((status) => archived || status !== 'archived')
      return {
        board: describeOpen(services, board),
        columns: shown.map((status) => ({
          status,
          count: counts[status],
          cards: presentCards(columnRows(board, status, done_limit, limit ?? -1), facts),
        })),
        cursor: read.get(taskEvents.cursor, {})?.id ?? 0,
        dispatcher: dispatcherState(services, board),
        notices: noticesOf(board),
      }
    })
  },

  'board.changes': ({ services, board }, { since }) => {
    return board.connection.snapshot((read) => {
      const cursor = read.get(taskEvents.cursor, {})?.id ?? 0
      const isTooMuch = since > cursor || cursor - since > CHANGES_LIMIT
      const isReset = isTooMuch || read.get(taskEvents.replacedSince, { since }) !== undefined
      const changed = isReset ? [] : read.all(taskEvents.changedTasks, { since }).map((row) => row.task_id)
      const parted = isReset ? [] : read.all(taskEvents.partedSince, { since }).map((row) => row.id)
      return {
        cursor,
        reset: isReset,
        cards: cardsOf(services, board, [
          ...withNeighbours(board, changed),
          ...parted,
          ...(isReset ? [] : waitingForProfiles(board, since)),
        ]),
        removed: isReset ? [] : read.all(taskEvents.deletedSince, { since }).map((row) => row.task_id),
        counts: countsOf(board.connection.read),
        dispatcher: dispatcherState(services, board),
      }
    })
  },

  'event.list': ({ read }, { since, task_id, limit }) => {
    const rows =
      task_id === undefined
        ? read.all(taskEvents.since, { since, limit })
        : read.all(taskEvents.sinceOfTask, { since, task_id, limit })
    return { events: rows.map(presentEvent), cursor: rows[rows.length - 1]?.id ?? since }
  },
}

/** Beyond this many events, reading the board again is cheaper than being told what changed. */
const CHANGES_LIMIT = 2000

/** A card tells of its parents and children too, so it changes with them. */
function withNeighbours(board: Board, ids: readonly string[]): string[] {
  const near = board.connection.read.all(taskLinks.neighboursOf, { ids: JSON.stringify(ids) })
  return [...new Set([...ids, ...near.map((row) => row.id)])]
}

/** Of each profile, so that a delta stays small on a board of any size; cards further down are read when they move up. */
const WAITING_CARDS = 100

/** Cards whose reason to wait may have changed with their profile, and not with their task. */
function waitingForProfiles(board: Board, since: number): string[] {
  const { read } = board.connection
  return read
    .all(taskEvents.touchedProfiles, { since })
    .flatMap(({ profile }) => read.all(tasks.readyOfProfile, { profile, limit: WAITING_CARDS }))
    .map(({ id }) => id)
}

/** @param limit of what is not finished; −1 is all of it */
function columnRows(board: Board, status: TaskStatus, doneLimit: number, limit: number): cards.CardRow[] {
  const isFinished = status === 'done' || status === 'archived'
  return isFinished
    ? board.connection.read.all(cards.newestOfColumn, { status, limit: doneLimit })
    : board.connection.read.all(cards.column, { status, limit })
}

function noticesOf(board: Board): string[] {
  return board.connection.read
    .all(profileState.all, {})
    .map((row) => `The profile ${row.profile} is held: ${row.held_why}.`)
}

function countsOf(read: Reader): Record<TaskStatus, number> {
  const counts = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>
  for (const row of read.all(tasks.countByStatus, {})) counts[row.status] = row.count
  return counts
}

/** @returns a board as callers see it */
export function describeBoard(services: Services, slug: string): BoardAnswer {
  return describeOpen(services, services.board(slug))
}

function describeOpen(services: Services, board: Board): BoardAnswer {
  return describeFile(services, board.slug, {
    file: board.settings(),
    paused: isPaused(board.connection.read),
    unaccepted: isUnaccepted(board.connection.read),
    counts: countsOf(board.connection.read),
    problem: null,
  })
}

const NO_TASKS = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>

/** As `describeBoard`, for lists: a board that cannot be opened says why, and does not hide the others. */
function describeAnyway(services: Services, slug: string): BoardAnswer {
  const { file, problem } = settingsOf(services, slug)
  try {
    const { read } = services.board(slug).connection
    return describeFile(services, slug, {
      file,
      paused: isPaused(read),
      unaccepted: isUnaccepted(read),
      counts: countsOf(read),
      problem,
    })
  } catch (error) {
    if (!(error instanceof OperationError)) throw error
    return describeFile(services, slug, {
      file,
      paused: false,
      unaccepted: false,
      counts: NO_TASKS,
      problem: error.message,
    })
  }
}

/** The settings of a board, with what is wrong with them: lists show the defaults then. */
function settingsOf(services: Services, slug: string): { file: BoardFile; problem: string | null } {
  try {
    return { file: services.folders.read(slug), problem: null }
  } catch (error) {
    if (!(error instanceof OperationError)) throw error
    return { file: defaultSettings(slug), problem: error.message }
  }
}

function describeFile(
  services: Services,
  slug: string,
  found: {
    file: BoardFile
    paused: boolean
    unaccepted: boolean
    counts: Record<TaskStatus, number>
    problem: string | null
  },
): BoardAnswer {
  const { name, icon, color, project_dir, created_at, ...limits } = found.file
  return {
    slug,
    name,
    icon,
    color,
    project_dir,
    created_at,
    archived: false,
    current: services.folders.current() === slug,
    path: services.folders.folder(slug),
    archived_as: null,
    unaccepted: found.unaccepted,
    settings: { ...limits, paused: found.paused },
    counts: found.counts,
    problem: found.problem,
  }
}

function describeArchived(services: Services, one: ArchivedBoard): BoardAnswer {
  const { name, icon, color, project_dir, created_at, ...limits } = services.folders.readArchived(one)
  const { counts, problem } = countArchived(join(one.path, 'board.db'))
  return {
    slug: one.slug,
    name,
    icon,
    color,
    project_dir,
    created_at,
    archived: true,
    current: false,
    path: one.path,
    archived_as: one.name,
    unaccepted: false,
    settings: { ...limits, paused: false },
    counts: { ...NO_TASKS, ...counts },
    problem,
  }
}

/** @throws OperationError CONFLICT for a default of worktrees that none of the board's tasks could start in */
async function requireUsableDefault(
  services: Services,
  slug: string,
  given: Record<string, unknown>,
): Promise<void> {
  const { default_workspace } = given
  if (typeof default_workspace !== 'string' || !/^worktree(:|$)/.test(default_workspace.trim())) return
  const settings = () => ({ ...services.folders.read(slug), ...given })
  const problem = await whyNoWorktreeTask({ slug, settings })
  if (problem !== null) throw new OperationError('CONFLICT', problem, { field: 'default_workspace' })
}

function makeBoard(
  { services }: AppContext,
  slug: string,
  given: { name: string | null; icon?: string | null; color?: string | null; project_dir: string | null },
): void {
  const project_dir = given.project_dir === null ? null : requireProjectFolder(given.project_dir)
  services.makeBoard(slug, {
    name: given.name ?? (project_dir === null ? slug : basename(project_dir).slice(0, TEXT_LIMITS.name)),
    icon: given.icon ?? null,
    color: given.color ?? null,
    project_dir,
    created_at: services.clock(),
  })
}

/**
 * Makes a board for a project, or finds the one there is, and switches to it. It never gives a board another project than
 * it has: what works in the one must not go on in the other.
 */
async function initBoard(
  context: AppContext,
  input: CheckedInput<'board.init'>,
): Promise<{ board: BoardAnswer }> {
  const { services } = context
  const { folders } = services
  const project = input.project_dir === null ? null : requireProjectFolder(input.project_dir)
  const named = input.slug ?? slugFromName(input.name)
  const slug = named ?? unnamedSlug(folders, project)
  if (project !== null) refuseOtherBoard(folders, project, slug)
  if (project !== null) await requireUsableProject(project)
  if (!folders.exists(slug)) makeBoard(context, slug, { name: input.name, project_dir: project })
  else if (project !== null) await tieToProject(services, slug, project)
  if (project !== null) await acceptProject(folders.folder(slug), project, services.clock())
  folders.setCurrent(slug)
  return { board: describeBoard(services, slug) }
}

/** The board of an `init` without a name: that of the project, else `default`, else a new one named for the folder. */
function unnamedSlug(folders: BoardFolders, project: string | null): string {
  if (project === null) return DEFAULT_SLUG
  const [own] = folders.ofFolder(project)
  if (own !== undefined) return own
  if (!folders.exists(DEFAULT_SLUG) || hasNoProject(folders, DEFAULT_SLUG)) return DEFAULT_SLUG
  return folders.freeSlug(slugOfText(basename(project)) ?? 'board')
}

/** false too for a board whose settings cannot be read: it may have one. */
function hasNoProject(folders: BoardFolders, slug: string): boolean {
  try {
    return folders.read(slug).project_dir === null
  } catch (error) {
    if (error instanceof OperationError) return false
    throw error
  }
}

function refuseOtherBoard(folders: BoardFolders, project: string, slug: string): void {
  const boards = folders.ofFolder(project)
  const [other] = boards
  if (other === undefined || boards.includes(slug)) return
  throw new OperationError(
    'CONFLICT',
    `The board “${other}” works on ${project} already. “runboard boards switch ${other}” goes to it; “runboard boards create ${slug} --project ${project}” makes a second board for that folder.`,
    { board: other, project_dir: project },
  )
}

async function tieToProject(services: Services, slug: string, project: string): Promise<void> {
  const { folders } = services
  const present = folders.read(slug).project_dir
  if (folders.ofFolder(project).includes(slug)) return
  if (present === null) return folders.change(slug, { project_dir: project })
  throw new OperationError(
    'CONFLICT',
    `The board “${slug}” works on ${present}, and was left so. “runboard boards set ${slug} --project ${project}” gives it the other folder; “runboard init --project ${project}” makes a board of its own.`,
    { board: slug, project_dir: present },
  )
}

/** Brings a board back out of the archive. */
async function restoreArchived(
  { services }: AppContext,
  { name, slug }: CheckedInput<'board.restore'>,
): Promise<{ board: BoardAnswer }> {
  const { folders } = services
  const wanted = name.toLowerCase()
  const archived = folders.archived()
  const found = archived.filter((one) => one.name.toLowerCase() === wanted || one.slug === wanted)
  const [one] = found
  if (one === undefined) {
    throw new OperationError(
      'NOT_FOUND',
      `There is no “${name}” in the archive. “runboard boards list --archived” shows what is there.`,
      { archived: archived.map((each) => each.name) },
    )
  }
  if (found.length > 1) {
    const names = found.map((each) => each.name)
    throw new OperationError(
      'CONFLICT',
      `Several boards “${name}” are in the archive. Name one of them: ${names.join(', ')}.`,
      { archived: names },
    )
  }
  const target = slug ?? one.slug
  if (folders.exists(target)) {
    throw new OperationError(
      'CONFLICT',
      `There is a board “${target}” already. Restore the archived one under another slug: “runboard boards restore ${one.name} --as SLUG”.`,
      { board: target },
    )
  }
  folders.restore(one, target)
  if (folders.current() === null) folders.setCurrent(target)
  return Promise.resolve({ board: describeAnyway(services, target) })
}

/** `My Project` becomes `my-project`. @returns null where no letter and no digit is left */
function slugOfText(text: string): string | null {
  const made = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
  return made === '' ? null : made
}

/** A slug made of a name for people. */
function slugFromName(name: string | null): string | null {
  if (name === null) return null
  const made = slugOfText(name)
  if (made !== null) return checkedSlug(made)
  throw new OperationError(
    'INVALID_INPUT',
    `No slug can be made of “${name}”: it has neither letters a-z nor digits.`,
  )
}

/**
 * Closes a board that is to be put away. One whose file cannot be opened can be put away too: nothing runs on it.
 *
 * @throws OperationError NOT_FOUND, CONFLICT while a run is open on the board
 */
async function closeForGood(services: Services, slug: string, word: string): Promise<void> {
  const open = openRuns(services, slug)
  if (open.length > 0) {
    throw new OperationError(
      'CONFLICT',
      `The board “${slug}” cannot be ${word} while ${open.length === 1 ? 'a task runs' : `${open.length} tasks run`} on it. Stop them first.`,
      { board: slug, running: open },
    )
  }
  const workspaces = join(services.folders.folder(slug), 'workspaces')
  const use = existsSync(workspaces) ? whoUses(services, workspaces, { board: slug, tasks: null }) : null
  if (use !== null) {
    throw new OperationError('CONFLICT', `The board “${slug}” cannot be ${word}: ${use}`, { board: slug })
  }
  await services.letGo(slug)
  if (services.folders.current() === slug) services.folders.setCurrent(null)
}

function openRuns(services: Services, slug: string): string[] {
  try {
    const { read } = services.board(slug).connection
    return read.all(taskRuns.open, {}).map((run) => run.task_id)
  } catch (error) {
    if (error instanceof OperationError && error.code === 'BOARD_DAMAGED') return []
    throw error
  }
}
