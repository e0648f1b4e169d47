import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { knownCommit } from '../workers/git/git-refs.ts'
import { whatIsOnlyIn } from '../workers/git/only-here.ts'
import { LastingSetupError, WorkerSetupError } from '../workers/setup-error.ts'
import { makeFreshWorktree } from '../workers/workspace/fresh-worktree.ts'
import { moveWorktreeToTrash } from '../workers/workspace/retire.ts'
import { readWorktreeMarker } from '../workers/workspace/worktree-marker.ts'
import type { Workspace } from '../workers/workspace/workspace-request.ts'
import type { Board } from './board.ts'
import { startOfItem } from './item-start.ts'
import { trustFileOf } from './own-workspace.ts'
import { projectOf } from './task-project.ts'
import { workHead } from './work-head.ts'

/** Worktrees of steps with `workspace: fresh`: each run has its own, which goes to the trash when the run is over. */

const NAME = /^(.+)-fresh-(\d+)$/

/** @returns the task and the run that a folder for workspaces is named after; null for folders of other kinds */
export function freshFolder(name: string): { task_id: string; run_id: number } | null {
  const [, task_id, run_id] = NAME.exec(name) ?? []
  return task_id === undefined ? null : { task_id, run_id: Number(run_id) }
}

function pathOf(board: Board, { id, task_id }: Pick<RunRow, 'id' | 'task_id'>): string {
  return join(board.workspacesFolder, `${task_id}-fresh-${id}`)
}

/**
 * @param owner the task whose worktree the work is in
 * @throws WorkerSetupError with a sentence
 */
export async function makeFreshWorkspace(
  board: Board,
  run: Pick<RunRow, 'id' | 'task_id'>,
  owner: TaskRow,
  now: number,
): Promise<Workspace> {
  if (owner.workspace_kind !== 'worktree')
    throw new LastingSetupError(
      `The step “${owner.current_step_key ?? ''}” needs a fresh worktree, and task ${owner.id} works in a ${owner.workspace_kind === 'dir' ? 'folder of yours' : 'scratch folder'}.`,
    )
  const project_dir = projectOf(board, owner)
  const commit = (await workHead(board, owner)) ?? (await firstCommit(board, owner, project_dir))
  const request = { project_dir, path: pathOf(board, run), commit, task_id: run.task_id, now }
  return makeFreshWorktree({ ...request, trust_file: trustFileOf(board, project_dir) })
}

/** The commit for a step before any work exists: the one that the work will start from. */
async function firstCommit(board: Board, task: TaskRow, project: string | null): Promise<string> {
  const base = await startOfItem(board.connection.read, task, project)
  const commit = project === null ? null : await knownCommit(project, base ?? 'HEAD')
  if (commit === null) throw new WorkerSetupError(`“${base ?? 'HEAD'}” is not a commit of the project.`)
  return commit
}

/**
 * Moves the worktree that was made for a run to the trash. Any other workspace stays.
 *
 * @returns why the worktree stays, as a sentence; null when it was moved, or the run had none
 */
export async function retireFresh(
  board: Board,
  run: Pick<RunRow, 'id' | 'task_id' | 'workspace_path'>,
  clock: () => number,
): Promise<string | null> {
  const path = pathOf(board, run)
  const task = board.connection.read.get(tasks.byId, { id: run.task_id })
  const project_dir = task === undefined ? null : projectOf(board, task)
  if (run.workspace_path !== path || project_dir === null || !existsSync(path)) return null
  if ((await readWorktreeMarker(path))?.task_id !== run.task_id)
    return `${path} is not the worktree that Runboard made there.`
  const only = await whatIsOnlyIn(path)
  if (only !== null) return only
  await moveWorktreeToTrash(path, project_dir, { trash_dir: board.trashFolder, now: clock })
  return null
}
