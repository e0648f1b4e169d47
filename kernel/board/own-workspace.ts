import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { OperationError } from '../../contract/index.ts'
import type { Reader } from '../db/connection.ts'
import type { Board } from './board.ts'
import { workspaceOwner } from './gates.ts'
import type { BoardFolders } from '../home/board-folders.ts'
import { realPathOf } from '../home/project-folder.ts'
import { projectOf } from './task-project.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { recordTrust } from '../workers/git/git-trust.ts'
import { whyNotOwn } from '../workers/workspace/own-worktree.ts'
import { brokenRepository, isRepository } from '../workers/git/project-repository.ts'

/**
 * The file in which a board records what the repository of a project may run: its own project, or another that items work
 * in.
 */
export function trustFileOf(board: Board, project: string | null): string {
  const isOther = project !== null && project !== board.settings().project_dir
  return isOther ? otherTrustFile(board.folder, project) : trustFileIn(board.folder)
}

const trustFileIn = (folder: string): string => join(folder, 'project-git.json')

function otherTrustFile(folder: string, project: string): string {
  const name = createHash('sha256').update(realPathOf(project)).digest('hex').slice(0, 16)
  return join(folder, `project-git-${name}.json`)
}

/** The task whose workspace this one works in: itself, or the task that it shares a workspace with. */
export function ownerOfWorkspace(read: Reader, task: TaskRow): TaskRow {
  const id = workspaceOwner(task)
  return id === task.id ? task : (read.get(tasks.byId, { id }) ?? task)
}

/** Like `whyNotOwn`, for the workspace of a task; null unless it is a worktree that was created. */
export async function whyWorkspaceNotOwn(board: Board, task: TaskRow): Promise<string | null> {
  const owner = ownerOfWorkspace(board.connection.read, task)
  const path = task.workspace_path ?? owner.workspace_path
  if (owner.workspace_kind !== 'worktree' || path === null) return null
  const project = projectOf(board, owner)
  return whyNotOwn({ worktree: path, project, workspaces_dir: board.workspacesFolder })
}

/** @throws OperationError CONFLICT: work in a folder that no longer belongs to the project must not count as done */
export async function requireOwnWorkspace(board: Board, task: TaskRow): Promise<void> {
  const sentence = await whyWorkspaceNotOwn(board, task)
  if (sentence !== null) throw new OperationError('CONFLICT', sentence, { id: task.id })
}

/**
 * Checks the folder that a person chose as a board's project, and records the programs of its repository as accepted: for
 * that board, and for each board whose items have worked in the project.
 *
 * @throws OperationError INVALID_INPUT in git's own words when git refuses to work there, or when there is a repository
 *   and no git
 */
export async function acceptProject(
  folders: BoardFolders,
  slug: string,
  project: string,
  now: number,
): Promise<void> {
  await requireUsableProject(project)
  if (!(await isRepository(project))) return
  await recordTrust(project, trustFileIn(folders.folder(slug)), now)
  for (const other of folders.list()) {
    const file = otherTrustFile(folders.folder(other), project)
    if (existsSync(file)) await recordTrust(project, file, now)
  }
}

/** @throws OperationError INVALID_INPUT */
export async function requireUsableProject(project: string): Promise<void> {
  const problem = await brokenRepository(project)
  if (problem !== null) throw new OperationError('INVALID_INPUT', problem, { project_dir: project })
}
