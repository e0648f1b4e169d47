import {
  BLANK_TASK,
  type BlockKind,
  type BoardEvent,
  type ExportedTask,
  type TaskStatus,
  TASK_STATUSES,
  WORKSPACE_KINDS,
} from '../../../contract/index.ts'
import { isAbsolute } from 'node:path'
import { intOf, listOf, positiveOf, type Raw, textOf, timeOf } from './raw.ts'

const TITLE_LIMIT = 500

interface Place {
  status: TaskStatus
  held: boolean
  held_reason: string | null
  not_before_at: number | null
  block_kind: BlockKind | null
  block_reason: string | null
}

const FREE: Omit<Place, 'status'> = {
  held: false,
  held_reason: null,
  not_before_at: null,
  block_kind: null,
  block_reason: null,
}

function reasonOf(event: BoardEvent | undefined): string | null {
  const reason = event?.payload?.['reason'] ?? event?.payload?.['error']
  return typeof reason === 'string' && reason.trim() !== '' ? reason : null
}

/** The status of a task here. A parked task of Hermes becomes ready and held: only a person can release it. */
function placeOf(row: Raw, events: readonly BoardEvent[]): Place {
  const status = textOf(row, 'status') ?? 'todo'
  const not_before_at = timeOf(row, 'scheduled_at') ?? timeOf(row, 'not_before_at')
  if (status === 'scheduled') {
    if (not_before_at !== null) return { ...FREE, status: 'ready', not_before_at }
    const why = reasonOf(events.filter((event) => event.kind === 'held').at(-1))
    return { ...FREE, status: 'ready', held: true, held_reason: why ?? 'it was scheduled in Hermes' }
  }
  if (status === 'blocked') return { ...FREE, status, ...blockOf(row, events), not_before_at }
  const known = TASK_STATUSES.find((one) => one === status)
  return { ...FREE, status: known ?? 'triage', not_before_at }
}

function blockOf(row: Raw, events: readonly BoardEvent[]): Pick<Place, 'block_kind' | 'block_reason'> {
  const failure = textOf(row, 'last_failure_error') ?? textOf(row, 'last_spawn_error')
  const newest = events.filter((event) => ['blocked', 'gave_up', 'unblocked'].includes(event.kind)).at(-1)
  const failures = intOf(row, 'consecutive_failures') ?? intOf(row, 'spawn_failures') ?? 0
  const gaveUp = newest?.kind === 'gave_up' || (newest?.kind !== 'blocked' && failures > 0)
  if (gaveUp) return { block_kind: 'gave_up', block_reason: reasonOf(newest) ?? failure }
  const kind = textOf(row, 'block_kind') ?? newest?.payload?.['kind']
  return { block_kind: kind === 'capability' ? 'capability' : 'needs_input', block_reason: reasonOf(newest) }
}

function workspaceOf(row: Raw): Pick<ExportedTask, 'workspace_kind' | 'workspace_path' | 'branch'> {
  const kind = WORKSPACE_KINDS.find((one) => one === textOf(row, 'workspace_kind')) ?? 'scratch'
  const path = textOf(row, 'workspace_path')
  return {
    workspace_kind: kind,
    // A scratch folder of Hermes is left for Hermes to clean up; the next attempt here gets its own.
    workspace_path: kind !== 'scratch' && path !== null && isAbsolute(path) ? path : null,
    branch: kind === 'worktree' ? textOf(row, 'branch_name') : null,
  }
}

/** Hermes has no time of the last change; the newest known time of a task is used. */
function lastChange(row: Raw, created_at: number, events: readonly BoardEvent[]): number {
  const times = [timeOf(row, 'started_at'), timeOf(row, 'completed_at'), events.at(-1)?.created_at ?? null]
  return Math.max(created_at, ...times.flatMap((at) => at ?? []))
}

/**
 * @param id the task's id here
 * @param events its events, as ours, oldest first
 * @param current_run_id its open run, if any
 */
export function convertTask(
  row: Raw,
  id: string,
  events: readonly BoardEvent[],
  current_run_id: number | null,
  now: number,
): ExportedTask {
  const created_at = timeOf(row, 'created_at') ?? now
  const updated_at = lastChange(row, created_at, events)
  const completed_at = timeOf(row, 'completed_at')
  const place = placeOf(row, events)
  const isEnded = place.status === 'done' || place.status === 'archived'
  const title = (textOf(row, 'title') ?? '(without a title)').trim().slice(0, TITLE_LIMIT)
  return {
    ...BLANK_TASK,
    id,
    title,
    body: textOf(row, 'body'),
    ...place,
    ...workspaceOf(row),
    assignee: textOf(row, 'assignee')?.trim().toLowerCase() ?? null,
    priority: intOf(row, 'priority') ?? 0,
    tenant: textOf(row, 'tenant'),
    created_by: textOf(row, 'created_by') ?? 'hermes',
    created_at,
    updated_at,
    started_at: timeOf(row, 'started_at'),
    completed_at: isEnded ? (completed_at ?? (place.status === 'done' ? updated_at : null)) : null,
    ready_at: place.status === 'ready' ? updated_at : null,
    result: textOf(row, 'result'),
    idempotency_key: textOf(row, 'idempotency_key'),
    consecutive_failures: Math.max(
      0,
      intOf(row, 'consecutive_failures') ?? intOf(row, 'spawn_failures') ?? 0,
    ),
    last_failure_error: textOf(row, 'last_failure_error') ?? textOf(row, 'last_spawn_error'),
    max_runtime_seconds: positiveOf(row, 'max_runtime_seconds'),
    max_retries: positiveOf(row, 'max_retries'),
    skills: listOf(row, 'skills'),
    model: textOf(row, 'model_override') ?? textOf(row, 'model'),
    archived_from: place.status === 'archived' ? (completed_at === null ? 'ready' : 'done') : null,
    current_run_id,
    workflow_template_id: textOf(row, 'workflow_template_id'),
    current_step_key: textOf(row, 'current_step_key'),
  }
}
