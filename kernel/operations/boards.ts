import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { plural } from '../../formats/count.ts'
import { type Board as BoardAnswer, type CheckedInput, OperationError } from '../../contract/index.ts'
import { requireProjectFolder } from '../home/project-folder.ts'
import { whoUses } from '../board/folder-users.ts'
import { acceptProject, requireUsableProject } from '../board/own-workspace.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { accept, isUnaccepted, wouldRun } from '../board/acceptance.ts'
import type { AppContext, AppHandlers, BoardHandlers } from './handler.ts'
import { whyNoWorktreeTask } from '../board/workspace-choice.ts'
import { initBoard, makeBoard } from './init-board.ts'
import { describeArchived, describeAnyway, describeBoard, describeOpen } from './describe-board.ts'

/** Handlers of the operations with scope `app`, which are not given a board. */
export const boardHandlersOfApp = {
  'board.init': initBoard,

  'board.list': ({ services }, { archived }) => ({
    boards: archived
      ? services.folders.archived().map((one) => describeArchived(services, one))
      : services.folders.list().map((slug) => describeAnyway(services, slug)),
  }),

  'board.create': async (context, input) => {
    const { services } = context
    if (services.folders.exists(input.slug)) {
      throw new OperationError('CONFLICT', `Board “${input.slug}” already exists.`, { board: input.slug })
    }
    const project = input.project_dir === null ? null : requireProjectFolder(input.project_dir)
    // `acceptProject` checks this too, but only after the board exists.
    if (project !== null) await requireUsableProject(project)
    makeBoard(context, input.slug, input)
    if (project !== null) await acceptProject(services.folders, input.slug, project, services.clock())
    if (input.switch) services.folders.setCurrent(input.slug)
    return { board: describeBoard(services, input.slug) }
  },

  'board.switch': ({ services }, { slug }) => {
    const board = describeBoard(services, slug)
    services.folders.setCurrent(slug)
    return { board: { ...board, current: true } }
  },

  'board.rename': async ({ services }, { slug, name }) => {
    requireBoard(services, slug)
    await services.folders.change(slug, { name })
    return { board: describeBoard(services, slug) }
  },

  'board.set': async ({ services }, { slug, settings }) => {
    requireBoard(services, slug)
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
    if (Object.keys(given).length === 0) {
      throw new OperationError('INVALID_INPUT', 'Nothing to set: pass KEY=VALUE, or --project DIR.')
    }
    if (typeof given['project_dir'] === 'string')
      given['project_dir'] = requireProjectFolder(given['project_dir'])
    await requireUsableDefault(services, slug, given)
    const project = given['project_dir']
    if (typeof project === 'string') await acceptProject(services.folders, slug, project, services.clock())
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
    const wasUnaccepted = isUnaccepted(board.connection.read)
    const listed = wouldRun(services, board)
    await board.connection.write(caller.actor, accept)
    return { board: slug, accepted: wasUnaccepted, ...listed }
  },

  'board.delete': async ({ services }, { slug }) => {
    await closeForGood(services, slug, 'deleted')
    services.folders.delete(slug)
    return { deleted: slug }
  },
} satisfies Partial<AppHandlers>

/** Handlers of the operations with scope `board`, which are given the open board. */
export const boardHandlersOfBoard = {
  'board.show': ({ services, board }) => ({ board: describeOpen(services, board) }),

  'board.commands': ({ services, board }) => ({
    board: board.slug,
    unaccepted: isUnaccepted(board.connection.read),
    ...wouldRun(services, board),
  }),
} satisfies Partial<BoardHandlers>

/** @throws OperationError NOT_FOUND, or the error with which calls on the board are refused for now */
function requireBoard(services: Services, slug: string): void {
  services.board(slug)
}

/** @throws OperationError CONFLICT if the default workspace is a worktree, and the board's project can have none */
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

/** Restores a board from the archive. */
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
      `Board “${name}” not found in the archive. “runboard boards list --archived” lists archived boards.`,
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
      `Board “${target}” already exists. Restore the archived one under another slug: “runboard boards restore ${one.name} --as SLUG”.`,
      { board: target },
    )
  }
  folders.restore(one, target)
  if (folders.current() === null) folders.setCurrent(target)
  return Promise.resolve({ board: describeAnyway(services, target) })
}

/**
 * Closes a board before it is archived or deleted. A damaged board can be closed too: its open runs are unknown, and it
 * counts as having none.
 *
 * @param word what is done to the board: `archived` or `deleted`
 * @throws OperationError NOT_FOUND; CONFLICT while a run is open on the board, or its workspaces are in use
 */
async function closeForGood(services: Services, slug: string, word: string): Promise<void> {
  const open = openRuns(services, slug)
  if (open.length > 0) {
    throw new OperationError(
      'CONFLICT',
      `The board “${slug}” cannot be ${word} while ${plural(open.length, 'a task runs', `${open.length} tasks run`)} on it. ${plural(open.length, 'Stop it', 'Stop them')} first.`,
      { board: slug, running: open },
    )
  }
  const workspaces = join(services.folders.folder(slug), 'workspaces')
  const use = existsSync(workspaces) ? whoUses(services, workspaces, { board: slug, tasks: null }) : null
  if (use !== null) {
    throw new OperationError('CONFLICT', `The board “${slug}” cannot be ${word}: ${use}`, { board: slug })
  }
  await services.releaseBoard(slug)
  if (services.folders.current() === slug) services.folders.setCurrent(null)
}

/** @returns the ids of the tasks with an open run; none for a damaged board */
function openRuns(services: Services, slug: string): string[] {
  try {
    const { read } = services.board(slug).connection
    return read.all(taskRuns.open, {}).map((run) => run.task_id)
  } catch (error) {
    if (error instanceof OperationError && error.code === 'BOARD_DAMAGED') return []
    throw error
  }
}
