import { isAbsolute, normalize } from 'node:path'
import { OperationError, type WorkspaceKind } from '../../contract/index.ts'
import type { Board } from './board.ts'
import type { BoardFile } from '../home/board-file.ts'
import { expandHome } from '../home/home-path.ts'
import { requireUsableProject } from './own-workspace.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { whyNoWorktrees } from '../workers/git/project-repository.ts'

export interface WorkspaceChoice {
  kind: WorkspaceKind
  path: string | null
  /** The task whose workspace is shared. */
  of: string | null
}

/**
 * @returns the board's default workspace; else a worktree if its project can have one; null for scratch
 * @throws OperationError INVALID_INPUT if git refuses to work in the project: the user would not expect scratch then
 */
export async function defaultWorkspace({
  default_workspace,
  project_dir,
}: Pick<BoardFile, 'default_workspace' | 'project_dir'>): Promise<string | null> {
  if (default_workspace !== null || project_dir === null) return default_workspace
  if ((await whyNoWorktrees(project_dir)) === null) return 'worktree'
  await requireUsableProject(project_dir)
  return null
}

/**
 * Reads the workspace of a task, as `create` takes it: `scratch`, `dir:/path`, `worktree`, `worktree:/path`, `parent`.
 *
 * @throws OperationError INVALID_INPUT for a relative path
 */
export function parseWorkspace(given: string | null): WorkspaceChoice | 'parent' {
  if (given?.trim() === 'parent') return 'parent'
  const [kind = 'scratch', ...rest] = (given ?? 'scratch').trim().split(':')
  const path = expandHome(rest.join(':'))
  if (path === '') return { kind: kind as WorkspaceKind, path: null, of: null }
  if (!isAbsolute(path)) {
    throw new OperationError('INVALID_INPUT', `The path of a workspace must be absolute; “${path}” is not.`)
  }
  return { kind: kind as WorkspaceKind, path: normalize(path), of: null }
}

/** @returns the workspace of the first parent, or of the task that this parent shares one with */
export function workspaceOfParent(parents: readonly TaskRow[]): WorkspaceChoice {
  const parent = parents[0]
  if (parent === undefined) {
    throw new OperationError('INVALID_INPUT', 'A task without a parent cannot share its parent’s workspace.')
  }
  return { kind: parent.workspace_kind, path: parent.workspace_path, of: parent.workspace_of ?? parent.id }
}

/**
 * Says why a task in a worktree could not start on a board, with a remedy. The dispatcher would find the same at the
 * first attempt, but by then the person has left.
 *
 * @returns null when it could start
 */
export async function whyNoWorktreeTask(board: Pick<Board, 'slug' | 'settings'>): Promise<string | null> {
  const { project_dir } = board.settings()
  const problem = await whyNoWorktrees(project_dir)
  if (problem === null) return null
  const remedy =
    project_dir === null
      ? `“runboard boards set ${board.slug} --project DIR” gives it one, “runboard init --project DIR” makes a board for a folder.`
      : `“runboard boards set ${board.slug} --project DIR” gives the board another project folder.`
  return `${problem} ${remedy} Or choose another workspace: scratch, or dir:PATH.`
}

/**
 * @returns the refusal of a worktree task that could not start; `data.field` names the field where screens show it
 */
export function refuseWorktree(problem: string): OperationError {
  return new OperationError('CONFLICT', problem, { field: 'workspace' })
}
