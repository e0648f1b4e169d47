import { basename } from 'node:path'
import {
  type Board as BoardAnswer,
  OperationError,
  TASK_STATUSES,
  type TaskStatus,
} from '../../contract/index.ts'
import type { Board } from '../board.ts'
import { requireProjectFolder } from '../home/board-folders.ts'
import { presentEvent } from '../present.ts'
import { checkedSlug, type Services } from '../services.ts'
import * as cards from '../tables/cards.ts'
import * as profileState from '../tables/profile-state.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import { boardFacts, cardsOf, dispatcherState, isPaused, presentCards } from './facts.ts'
import type { AppContext, AppHandlers, BoardHandlers } from './handler.ts'

export const boardHandlersOfApp: AppHandlers<
  | 'board.init'
  | 'board.list'
  | 'board.create'
  | 'board.switch'
  | 'board.rename'
  | 'board.set'
  | 'board.archive'
  | 'board.delete'
> = {
  'board.init': async (context, input) => {
    const slug = input.slug ?? slugFromName(input.name) ?? 'default'
    const { services } = context
    if (!services.folders.exists(slug))
      makeBoard(context, slug, { name: input.name, project_dir: input.project_dir })
    else if (input.project_dir !== null) {
      await services.folders.change(slug, { project_dir: requireProjectFolder(input.project_dir) })
    }
    services.folders.setCurrent(slug)
    return { board: describeBoard(services, slug) }
  },

  'board.list': ({ services }) => ({
    boards: services.folders.list().map((slug) => describeAnyway(services, slug)),
  }),

  'board.create': (context, input) => {
    const { services } = context
    if (services.folders.exists(input.slug)) {
      throw new OperationError('CONFLICT', `There is a board “${input.slug}” already.`, { board: input.slug })
    }
    makeBoard(context, input.slug, input)
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
      throw new OperationError('INVALID_INPUT', 'There is nothing to set: no KEY=VALUE was given.')
    }
    if (typeof given['project_dir'] === 'string')
      given['project_dir'] = requireProjectFolder(given['project_dir'])
    await services.folders.change(slug, given)
    return { board: describeBoard(services, slug) }
  },

  'board.archive': async ({ services }, { slug }) => {
    await closeForGood(services, slug, 'archived')
    const path = services.folders.archive(slug, services.clock())
    return { archived: slug, path }
  },

  'board.delete': async ({ services }, { slug }) => {
    await closeForGood(services, slug, 'deleted')
    services.folders.delete(slug)
    return { deleted: slug }
  },
}

export const boardHandlersOfBoard: BoardHandlers<
  'board.show' | 'board.view' | 'board.changes' | 'event.list'
> = {
  'board.show': ({ services, board }) => ({ board: describeBoard(services, board.slug) }),

  'board.view': ({ services, board }, { archived, done_limit, limit }) => {
    return board.connection.snapshot((read) => {
      const facts = boardFacts(services, board)
      const counts = countsOf(board)
      const shown = TASK_STATUSES.filter((status) => archived || status !== 'archived')
      return {
        board: describeBoard(services, board.slug),
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
        cards: cardsOf(services, board, [...withNeighbours(board, changed), ...parted]),
        removed: read.all(taskEvents.deletedSince, { since }).map((row) => row.task_id),
        counts: countsOf(board),
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

function countsOf(board: Board): Record<TaskStatus, number> {
  const counts = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>
  for (const row of board.connection.read.all(tasks.countByStatus, {})) counts[row.status] = row.count
  return counts
}

/** @returns a board as callers see it */
export function describeBoard(services: Services, slug: string): BoardAnswer {
  const board = services.board(slug)
  return describeFile(services, slug, {
    paused: isPaused(board.connection.read),
    counts: countsOf(board),
    problem: null,
  })
}

const NO_TASKS = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>

/** As `describeBoard`, for lists: a board that cannot be opened says why, and does not hide the others. */
function describeAnyway(services: Services, slug: string): BoardAnswer {
  try {
    return describeBoard(services, slug)
  } catch (error) {
    if (!(error instanceof OperationError)) throw error
    return describeFile(services, slug, { paused: false, counts: NO_TASKS, problem: error.message })
  }
}

function describeFile(
  services: Services,
  slug: string,
  found: { paused: boolean; counts: Record<TaskStatus, number>; problem: string | null },
): BoardAnswer {
  const { name, icon, color, project_dir, created_at, ...limits } = services.folders.read(slug)
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
    settings: { ...limits, paused: found.paused },
    counts: found.counts,
    problem: found.problem,
  }
}

function makeBoard(
  { services }: AppContext,
  slug: string,
  given: { name: string | null; icon?: string | null; color?: string | null; project_dir: string | null },
): void {
  const project_dir = given.project_dir === null ? null : requireProjectFolder(given.project_dir)
  services.folders.write(slug, {
    name: given.name ?? (project_dir === null ? slug : basename(project_dir)),
    icon: given.icon ?? null,
    color: given.color ?? null,
    project_dir,
    created_at: services.clock(),
  })
  services.board(slug)
}

/** A slug made of a name for people: `My Project` becomes `my-project`. */
function slugFromName(name: string | null): string | null {
  if (name === null) return null
  const made = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
  if (made !== '') return checkedSlug(made)
  throw new OperationError(
    'INVALID_INPUT',
    `No slug can be made of “${name}”: it has neither letters a-z nor digits.`,
  )
}

/**
 * @throws OperationError NOT_FOUND, CONFLICT while a run is open on the board
 */
async function closeForGood(services: Services, slug: string, word: string): Promise<void> {
  const board = services.board(slug)
  const open = board.connection.read.all(taskRuns.open, {})
  if (open.length > 0) {
    throw new OperationError(
      'CONFLICT',
      `The board “${slug}” cannot be ${word} while ${open.length === 1 ? 'a task runs' : `${open.length} tasks run`} on it. Stop them first.`,
      { board: slug, running: open.map((run) => run.task_id) },
    )
  }
  const dispatcher = services.dispatchers.get(slug)
  services.dispatchers.delete(slug)
  await dispatcher?.stop()
  services.closeBoard(slug)
  if (services.folders.current() === slug) services.folders.setCurrent(null)
}
