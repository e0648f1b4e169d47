import { OperationError, type OperationName, type OperationSpec } from '../../contract/index.ts'
import type { Caller, WorkerIdentity } from '../api.ts'
import type { Reader } from '../db/connection.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import { runThatCreated } from './created-cards.ts'

/** A call that a worker may have made. */
export interface WorkerCall {
  services: Services
  name: OperationName
  spec: OperationSpec
  caller: Caller
}

/**
 * What a worker may not do on any board, nor to the home.
 *
 * @throws OperationError UNAUTHORIZED for what is a person's to decide, or a planner's
 */
export function refuseWorker({ services, name, spec, caller }: WorkerCall): void {
  const worker = caller.worker
  if (worker === undefined) return
  if (spec.worker === 'never') {
    throw new OperationError(
      'UNAUTHORIZED',
      `A worker may not do this (${verbOf(name, spec)}): it acts as run ${worker.run_id}, and this is for a person to decide.`,
      { verb: verbOf(name, spec) },
    )
  }
  if (spec.worker !== 'planner' || isPlanner(services, worker)) return
  throw new OperationError(
    'UNAUTHORIZED',
    `A worker may do this (${verbOf(name, spec)}) only when its profile has the planner capability.`,
    { verb: verbOf(name, spec) },
  )
}

/**
 * What a worker may do to some tasks only.
 *
 * @param here the caller's run, if it is one of this board
 * @param taskId what the call is about
 * @throws OperationError UNAUTHORIZED
 */
export function refuseForeignTask(
  { services, name, spec, caller }: WorkerCall,
  read: Reader,
  here: WorkerIdentity | undefined,
  taskId: unknown,
): void {
  const worker = caller.worker
  if (worker === undefined || (spec.worker !== 'own' && spec.worker !== 'made')) return
  if (here !== undefined && here.task_id === taskId) return
  const told = { verb: verbOf(name, spec), own_task: worker.task_id }
  if (spec.worker === 'own') {
    throw new OperationError(
      'UNAUTHORIZED',
      `A worker may do this (${told.verb}) on its own task ${worker.task_id} only.`,
      told,
    )
  }
  if (isPlanner(services, worker) || isOfItsMaking(read, here, String(taskId))) return
  throw new OperationError(
    'UNAUTHORIZED',
    `A worker may do this (${told.verb}) on its own task ${worker.task_id} and on those that it has created; on others its profile needs the planner capability.`,
    told,
  )
}

/**
 * The check that its own completion has to pass is not a worker's to change, whatever its profile may do.
 *
 * @throws OperationError UNAUTHORIZED
 */
export function refuseOwnCheck(
  worker: WorkerIdentity | undefined,
  { id, verify_command }: { id: string; verify_command?: string | null | undefined },
): void {
  if (worker?.task_id !== id || verify_command === undefined) return
  throw new OperationError(
    'UNAUTHORIZED',
    `A worker may not change verify_command of its own task ${id}: this check decides whether its work is done.`,
    { own_task: id },
  )
}

/** Whether a run of its own task has created it; a task that is not there is refused by its name. */
function isOfItsMaking(read: Reader, here: WorkerIdentity | undefined, id: string): boolean {
  if (read.get(tasks.byId, { id }) === undefined) return true
  const runId = runThatCreated(read, id)
  if (here === undefined || runId === null) return false
  return read.get(taskRuns.byId, { id: runId })?.task_id === here.task_id
}

function isPlanner(services: Services, { profile }: WorkerIdentity): boolean {
  return (
    services.config
      .read()
      .profiles.get(profile ?? '')
      ?.capabilities.includes('planner') === true
  )
}

/** The verb as a worker has typed or called it. */
function verbOf(name: OperationName, { cli, mcp }: OperationSpec): string {
  return cli?.verb ?? mcp?.tool ?? name
}
