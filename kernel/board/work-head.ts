import { existsSync } from 'node:fs'
import type { Board } from './board.ts'
import { workspaceOwner } from './gates.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { askGit } from '../workers/git/git.ts'

/** @returns the commit that a task's workspace is at; null without git, or before the workspace exists */
export async function workHead(board: Board, task: TaskRow): Promise<string | null> {
  const owner = board.connection.read.get(tasks.byId, { id: workspaceOwner(task) }) ?? task
  const path = owner.workspace_path
  // The folder may have been removed by hand.
  if (owner.workspace_kind === 'scratch' || path === null || !existsSync(path)) return null
  const head = await askGit(path, ['rev-parse', '--verify', '--quiet', 'HEAD'])
  return head === null || head.trim() === '' ? null : head.trim()
}
