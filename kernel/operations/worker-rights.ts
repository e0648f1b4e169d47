import {
  COMMAND_FIELDS,
  OperationError,
  type OperationName,
  type OperationSpec,
} from '../../contract/index.ts'
import type { Caller, WorkerIdentity } from '../api.ts'
import type { Reader } from '../db/connection.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import { runThatCreated } from './created-cards.ts'

/** The parts of a worker's call that decide its rights. */
export interface WorkerCall {
  services: Services
  name: OperationName
  spec: OperationSpec
  caller: Caller
}

/**
 * Refuses what a worker may not do on any board, nor to the home.
 *
 * @throws OperationError UNAUTHORIZED for what only a person, or only a planner, may decide
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
  if (spec.worker !== 'planner' || isPlanner(services, caller)) return
  throw new OperationError(
    'UNAUTHORIZED',
    `A worker may do this (${verbOf(name, spec)}) only when its profile has the planner capability.`,
    { verb: verbOf(name, spec) },
  )
}

/**
 * Refuses what a worker may do to some tasks only.
 *
 * @param here the caller's run, if it belongs to this board
 * @param taskId the task that the call is about
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
  const data = { verb: verbOf(name, spec), own_task: worker.task_id }
  if (spec.worker === 'own') {
    throw new OperationError(
      'UNAUTHORIZED',
      `A worker may do this (${data.verb}) on its own task ${worker.task_id} only.`,
      data,
    )
  }
  if (isPlanner(services, caller) || isOfItsMaking(read, here, String(taskId))) return
  throw new OperationError(
    'UNAUTHORIZED',
    `A worker may do this (${data.verb}) on its own task ${worker.task_id} and on those that it has created; on others its profile needs the planner capability.`,
    data,
  )
}

/**
 * Checks the fields of a call whose values end up in a process or choose its folder.
 *
 * @returns the fields that the worker, a planner, may only propose; none for a person
 * @throws OperationError UNAUTHORIZED for fields that this worker may not set at all
 */
export function proposedBy(
  { services, name, spec, caller }: WorkerCall,
  input: Record<string, unknown>,
): string[] {
  const worker = caller.worker
  if (worker === undefined) return []
  const given = COMMAND_FIELDS.filter(({ operation, field, matches }) => {
    const value = input[field]
    const isGiven = value !== undefined && (value !== null || operation === 'task.edit')
    return (
      operation === name &&
      isGiven &&
      (matches === undefined || (typeof value === 'string' && matches.test(value)))
    )
  })
  const refused = given.find((one) => one.worker === 'never' || !isPlanner(services, caller))
  if (refused === undefined) return given.map(({ field }) => field)
  throw new OperationError(
    'UNAUTHORIZED',
    `A worker may not set ${refused.field} (${verbOf(name, spec)}), which ends in ${refused.ends_in}: that is for a person to decide.${refused.worker === 'propose' ? ' A worker with the planner capability may propose it.' : ''}`,
    { verb: verbOf(name, spec), field: refused.field },
  )
}

/**
 * A worker cannot change the check that its own completion must pass, whatever its profile allows.
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

/** Whether a run of the caller's task created it. A missing task is refused elsewhere, by its name. */
function isOfItsMaking(read: Reader, here: WorkerIdentity | undefined, id: string): boolean {
  if (read.get(tasks.byId, { id }) === undefined) return true
  const runId = runThatCreated(read, id)
  if (here === undefined || runId === null) return false
  return read.get(taskRuns.byId, { id: runId })?.task_id === here.task_id
}

/** By the profile that the run was claimed for: the worker's environment proves nothing. */
function isPlanner(services: Services, caller: Caller): boolean {
  const { worker } = caller
  const slug = worker?.board ?? caller.board
  if (worker === undefined || slug == null || !services.folders.exists(slug)) return false
  const run = services.board(slug).connection.read.get(taskRuns.byId, { id: worker.run_id })
  if (run?.task_id !== worker.task_id || run.claim_lock === null || run.claim_lock !== worker.claim)
    return false
  return (
    services.config
      .read()
      .profiles.get(run.profile ?? '')
      ?.capabilities.includes('planner') === true
  )
}

/** A workflow starts other workers, so a worker needs the planner capability to start one. */
export function refuseStartByWorker({ caller, services }: { caller: Caller; services: Services }): void {
  if (caller.worker === undefined || isPlanner(services, caller)) return
  throw new OperationError(
    'UNAUTHORIZED',
    'Only a worker whose profile has the planner capability can start a workflow.',
  )
}

/** The verb as the worker typed or called it. */
function verbOf(name: OperationName, { cli, mcp }: OperationSpec): string {
  return cli?.verb ?? mcp?.tool ?? name
}
