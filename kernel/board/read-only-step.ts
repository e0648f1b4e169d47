import { OperationError } from '../../contract/index.ts'
import type { Reader } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { workSignature } from '../workers/changes/work-signature.ts'
import { isReadOnlyStep } from './step-run.ts'

/**
 * Checks that a step with `workspace: read-only` has changed no file. The worker can put the files back and report again.
 *
 * @throws OperationError CONFLICT while the work tree differs from its state when the run began
 */
export async function requireUnchanged(read: Reader, task: TaskRow | undefined): Promise<void> {
  // For a deleted task, the transaction of the report throws.
  if (task?.status !== 'running' || task.current_run_id === null || !isReadOnlyStep(read, task)) return
  const run = read.get(taskRuns.byId, { id: task.current_run_id })
  if (run?.workspace_path == null || run.observed === null) return
  const before = (JSON.parse(run.observed) as { work_signature?: string }).work_signature
  if (before === undefined || (await workSignature(run.workspace_path)) === before) return
  throw new OperationError(
    'CONFLICT',
    `The step “${task.current_step_key ?? ''}” of task ${task.id} may only read, but files of its workspace have changed since it began. Put them back (git status shows them), then report again.`,
    { id: task.id, step: task.current_step_key },
  )
}
