import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { OperationError } from '../../contract/index.ts'
import { keepWork } from '../board/kept-work.ts'
import { projectOf } from '../board/task-project.ts'
import { type Restart, refuseNoRestart, restartTask, whyNotFrom } from '../lifecycle/restart.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { readWalk } from '../lifecycle/walk.ts'
import type { Version } from '../lifecycle/walk-again.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import type { VisitRow } from '../tables/workflow-runs.ts'
import { graphOf } from '../workflow/graph.ts'
import { git } from '../workers/git/git.ts'
import { branchCommit } from '../workers/git/git-refs.ts'
import { chooseStart } from './choose-workflow.ts'
import type { BoardContext } from './handler.ts'
import { refuseAtWork, refusingInSentences } from './merging.ts'
import { commitAt, requireVisit } from './visit-work.ts'

interface Wish {
  id: string
  /** The id of a visit. */
  from: number
  current_version: boolean
  reason: string | null
}

/**
 * Starts a card again from an earlier visit, in a fresh worktree of the work as it was when that visit began.
 *
 * @throws OperationError NOT_FOUND for a visit that the card does not have; CONFLICT when it cannot start there
 */
export async function startAgain(context: BoardContext, wish: Wish): Promise<TaskRow> {
  const { board, read } = context
  const task = requireTask(read, wish.id)
  refuseNoRestart(read, task)
  refuseAtWork(context, task, 'started again')
  const at = requireVisit(context, task, wish.from)
  const { earlier, version } = await versionFor(context, task, at, wish.current_version)
  const project = projectOf(board, task)
  if (project === null)
    throw new OperationError('CONFLICT', 'A worktree needs a repository, and the board has no project.', {})
  return refusingInSentences(task.id, async () => {
    const commit = await commitAt(context, task, at, project)
    const head = await keepWork(board, task)
    const place = await freePlace(context, task.id, project, commit)
    await git(project, ['branch', '--no-track', place.branch, commit])
    const restart: Restart = { earlier, at, version, head, place, reason: wish.reason }
    try {
      return await context.write((tx) => restartTask(tx, requireTask(tx, task.id), restart))
    } catch (error) {
      await git(project, ['update-ref', '-d', `refs/heads/${place.branch}`, commit])
      throw error
    }
  })
}

async function versionFor(
  context: BoardContext,
  task: TaskRow,
  at: VisitRow,
  isCurrent: boolean,
): Promise<Pick<Restart, 'earlier' | 'version'>> {
  const row = context.read.get(workflowRuns.byId, { id: at.workflow_run_id })
  if (row === undefined) throw new Error(`the walk of visit ${at.id} is gone`)
  const { template, visits, walk } = readWalk(context.read, row)
  const earlier = { definition: walk.definition, visits }
  const roles = JSON.parse(row.roles) as Record<string, string>
  const frozen: Version = {
    ...{ template, roles, inputs: walk.inputs },
    parts: JSON.parse(row.parts) as Version['parts'],
  }
  const partRoles = Object.assign(
    {},
    ...Object.values(frozen.parts).map((part) => part.roles),
  ) as typeof roles
  const version = isCurrent
    ? await chooseStart(context, task, {
        name: template.name,
        inputs: walk.inputs,
        roles: { ...partRoles, ...roles },
      })
    : frozen
  const definition = 'workflow' in version ? version.workflow.definition : walk.definition
  const why = whyNotFrom(at, graphOf(definition).steps.get(at.step_key)?.kind)
  if (why === null) return { earlier, version }
  const { id } = task
  throw new OperationError('CONFLICT', `Task ${id} cannot start again from visit ${at.id}. ${why}`, {
    id,
    visit: at.id,
    step: at.step_key,
  })
}

/** @returns the first path and branch name for a worktree of the card that are both free */
async function freePlace(
  { board }: BoardContext,
  id: string,
  project: string,
  commit: string,
): Promise<Restart['place']> {
  for (let n = 2; ; n += 1) {
    const [branch, path] = [`runboard/${id}-${n}`, join(board.workspacesFolder, `${id}-${n}`)]
    const isTaken = existsSync(path) || (await branchCommit(project, branch)) !== null
    if (!isTaken) return { branch, path, commit }
  }
}
