import { type Observed, OperationError } from '../../contract/index.ts'
import { refuseProposed } from '../lifecycle/propose.ts'
import { requireTask } from '../lifecycle/transition.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { Work } from '../workers/changes/locate-work.ts'
import { cleanHead } from '../workers/changes/read-changes.ts'
import { verifyFacts } from '../workers/changes/verify-facts.ts'
import { inheritedEnvironment } from '../workers/inherited-environment.ts'
import { startFolder } from '../workers/start-folder.ts'
import { runVerify, type VerifyResult } from '../workers/verify.ts'
import { requireAccepted } from './acceptance.ts'
import type { BoardContext } from './handler.ts'

/**
 * Runs a task's `verify_command` in the workspace of its open run, before the task may be done. Outside of any
 * transaction: it takes as long as it takes.
 *
 * Without a workspace there is nothing to run it in, and the run says that it was not.
 *
 * @throws OperationError CONFLICT with the end of its output when it fails; the run stays open, so that the worker can go on
 */
export async function verifyBeforeDone(context: BoardContext, id: string): Promise<void> {
  const task = requireTask(context.read, id)
  if (task.verify_command === null || task.current_run_id === null) return
  requireAccepted(context.read, context.board.slug)
  refuseProposed(task)
  const run = context.read.get(taskRuns.byId, { id: task.current_run_id })
  const cwd = run?.workspace_path ?? task.workspace_path
  if (run === undefined) return
  // Of a worker that is not this run's: the fence refuses it, and what it would check is somebody else's work.
  if (context.worker !== undefined && context.worker.run_id !== run.id) return
  const note = (observed: Observed) =>
    context.write((tx) => tx.run(taskRuns.setObserved, { id: run.id, observed: JSON.stringify(observed) }))
  if (cwd === null) {
    // Somebody took it by hand and works where we do not know. What was not checked must not look checked.
    await note({ verify_output: 'Not run: this run has no workspace.' })
    return
  }
  const result = await runCheck(context, task.verify_command, cwd)
  await note(await verifyFacts(result, cwd))
  if (result.exit_code !== 0) throw refuseFailed(task, 'done', result)
}

/**
 * Runs a task's `verify_command` in its worktree before its work is merged, unless it has passed on this very commit.
 *
 * @throws OperationError CONFLICT with the end of its output when it fails, or when there is no worktree to run it in
 */
export async function verifyBeforeMerge(context: BoardContext, task: TaskRow, work: Work): Promise<void> {
  const { verify_command, id } = task
  if (verify_command === null) return
  refuseProposed(task)
  const run = context.read.get(taskRuns.newestOf, { task_id: id })
  const observed = run?.observed == null ? {} : (JSON.parse(run.observed) as Observed)
  const { worktree } = work
  const head = worktree === null ? work.head : await cleanHead(worktree)
  if (observed.verify_exit_code === 0 && head !== null && observed.verify_head === head) return
  if (worktree === null) {
    throw new OperationError(
      'CONFLICT',
      `Task ${id} is not merged: its check “${verify_command}” has not passed on ${work.head.slice(0, 9)}, and its worktree is gone. Take the check away to merge without it: runboard edit ${id} --verify ''`,
      { id },
    )
  }
  const result = await runCheck(context, verify_command, worktree)
  if (run !== undefined) {
    const facts = JSON.stringify(await verifyFacts(result, worktree))
    await context.write((tx) => tx.run(taskRuns.setObserved, { id: run.id, observed: facts }))
  }
  if (result.exit_code !== 0) throw refuseFailed(task, 'merged', result)
}

/** @param workspace the whole workspace; the check starts where the worker did */
async function runCheck(
  { board, services }: BoardContext,
  command: string,
  workspace: string,
): Promise<VerifyResult> {
  const folder = await startFolder(workspace, board.settings().project_dir)
  return runVerify(command, folder, inheritedEnvironment(services.env).env)
}

function refuseFailed(task: TaskRow, word: string, { exit_code, output }: VerifyResult): OperationError {
  return new OperationError(
    'CONFLICT',
    `Task ${task.id} is not ${word}: its check “${task.verify_command ?? ''}” ended with ${exit_code}. The end of its output:\n${output}`,
    { id: task.id, exit_code, output },
  )
}
