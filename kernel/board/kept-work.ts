import { existsSync } from 'node:fs'
import { openWalkOf } from '../lifecycle/walk.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { askGit, git } from '../workers/git/git.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'
import type { Board } from './board.ts'
import { workspaceOwner } from './gates.ts'
import { projectOf } from './task-project.ts'
import { workHead } from './work-head.ts'

/**
 * Keeps the work of a card at the end of each visit that may have changed it, under a ref that no list of branches shows. A
 * card can be started again from there. The refs are deleted with the task, or when its merged work is cleaned up.
 */

/** @returns the name of the ref that has the work of a card at the end of a visit */
function refOf(task_id: string, visit_id: number): string {
  return `refs/runboard/${task_id}/${visit_id}`
}

/**
 * The commit that stands for the work of a card at the end of a visit, as `workHead` gives it. The work is kept, unless the
 * step only reads.
 *
 * @returns null without git, or before the workspace exists
 */
export async function keepWork(board: Board, task: TaskRow): Promise<string | null> {
  const head = await workHead(board, task)
  const owner = board.connection.read.get(tasks.byId, { id: workspaceOwner(task) }) ?? task
  const project = projectOf(board, owner)
  const open = openWalkOf(board.connection.read, task)
  const isKept = owner.workspace_kind === 'worktree' && project !== null && existsSync(project)
  if (head === null || open === null || !isKept || !mayHaveWritten(open.step)) return head
  try {
    await git(project, ['update-ref', refOf(task.id, open.visit.id), head])
  } catch (error) {
    // The step has to end anyway. A later attempt to start again from this visit reports that the work is not kept.
    if (!(error instanceof WorkerSetupError)) throw error
  }
  return head
}

type Step = NonNullable<ReturnType<typeof openWalkOf>>['step']

function mayHaveWritten(step: Step): boolean {
  return step.kind === 'work' ? step.workspace === 'own' : ['check', 'map', 'merge'].includes(step.kind)
}

/** Deletes the refs to the work of the visits of a card. Commits that a branch has stay. */
export async function dropKeptWork(board: Board, task: TaskRow): Promise<void> {
  const project = projectOf(board, task)
  if (project === null || !existsSync(project)) return
  const pattern = `refs/runboard/${task.id}/`
  const listed = await askGit(project, ['for-each-ref', '--format=%(refname) %(objectname)', pattern])
  for (const line of (listed ?? '').split('\n').filter(Boolean)) {
    const [ref = '', commit = ''] = line.split(' ')
    await git(project, ['update-ref', '-d', ref, commit])
  }
}
