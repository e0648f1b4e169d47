import { type Observed, OperationError } from '../../contract/index.ts'
import { refuseProposed } from '../lifecycle/propose.ts'
import { requireTask } from '../lifecycle/transition.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { inheritedEnvironment } from '../workers/inherited-environment.ts'
import { runVerify } from '../workers/verify.ts'
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
  const result = await runVerify(task.verify_command, cwd, inheritedEnvironment(context.services.env).env)
  await note({ verify_exit_code: result.exit_code, verify_output: result.output })
  if (result.exit_code === 0) return
  throw new OperationError(
    'CONFLICT',
    `Task ${id} is not done: its check “${task.verify_command}” ended with ${result.exit_code}. The end of its output:\n${result.output}`,
    { id, exit_code: result.exit_code, output: result.output },
  )
}
