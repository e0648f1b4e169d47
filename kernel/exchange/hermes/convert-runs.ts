import { type BoardEvent, type ExportedRun, RUN_OUTCOMES, type Outcome } from '../../../contract/index.ts'
import { fingerprint } from '../../lifecycle/end-run.ts'
import { intOf, objectOf, positiveOf, type Raw, textOf, timeOf } from './raw.ts'

/** A task's own claim. Hermes keeps it beside a run, and in early versions instead of one. */
export interface Claim {
  started_at: number
  claim_expires_at: number
  worker_pid: number | null
  last_heartbeat_at: number | null
  max_runtime_seconds: number | null
  profile: string | null
  step_key: string | null
}

const STATUS_OUTCOMES: Readonly<Record<string, Outcome>> = { done: 'completed', completed: 'completed' }

function outcomeOf(row: Raw): { outcome: Outcome; foreign: string | null } {
  const named = textOf(row, 'outcome') ?? textOf(row, 'status') ?? ''
  const known = RUN_OUTCOMES.find((outcome) => outcome === named) ?? STATUS_OUTCOMES[named]
  return known === undefined ? { outcome: 'reclaimed', foreign: named } : { outcome: known, foreign: null }
}

/** Fields that runs of Hermes lack. */
const NOTHING = {
  trigger: 'dispatcher' as const,
  ready_at: null,
  first_output_at: null,
  last_heartbeat_note: null,
  stop_requested_at: null,
  stop_outcome: null,
  stop_status: null,
  stop_actor: null,
  stop_reason: null,
  exited_at: null,
  exit_code: null,
  signal: null,
  command: null,
  workspace_path: null,
  usage: null,
  context: null,
  base_branch: null,
  base_commit: null,
  visit_id: null,
  verdict: null,
  agent: null,
  agent_session_id: null,
  agent_cwd: null,
  resumed_from_run: null,
  session_choice: null,
}

/**
 * @param task_id the run's task, by its id here
 * @param attempt its number
 * @param isOpen whether its task is running and points at it
 * @param created_at of the task, for a run without a time of its own
 */
export function convertRun(
  row: Raw,
  task_id: string,
  attempt: number,
  isOpen: boolean,
  created_at: number,
): ExportedRun {
  const started_at = timeOf(row, 'started_at') ?? created_at
  const last_heartbeat_at = timeOf(row, 'last_heartbeat_at')
  const { outcome, foreign } = outcomeOf(row)
  const error = textOf(row, 'error')
  return {
    ...NOTHING,
    id: intOf(row, 'id') ?? 0,
    task_id,
    attempt,
    profile: textOf(row, 'profile')?.toLowerCase() ?? null,
    step_key: textOf(row, 'step_key'),
    claim_expires_at: timeOf(row, 'claim_expires') ?? (isOpen ? started_at : null),
    worker_pid: positiveOf(row, 'worker_pid'),
    max_runtime_seconds: positiveOf(row, 'max_runtime_seconds'),
    started_at,
    spawned_at: null,
    last_heartbeat_at,
    ended_at: isOpen
      ? null
      : Math.max(started_at, timeOf(row, 'ended_at') ?? last_heartbeat_at ?? started_at),
    outcome: isOpen ? null : outcome,
    summary: textOf(row, 'summary'),
    metadata: objectOf(row, 'metadata'),
    error,
    error_fingerprint: error === null ? null : fingerprint(error),
    observed: isOpen || foreign === null ? null : { hermes_outcome: foreign },
  }
}

/** The open run of a task that was running without one. */
export function runOfClaim(id: number, task_id: string, attempt: number, claim: Claim): ExportedRun {
  return {
    ...NOTHING,
    id,
    task_id,
    attempt,
    ...claim,
    spawned_at: null,
    ended_at: null,
    outcome: null,
    summary: null,
    metadata: null,
    error: null,
    error_fingerprint: null,
    observed: null,
  }
}

/** Sets the spawn time of runs from the event that reports it. */
export function noteSpawns(runs: readonly ExportedRun[], events: readonly BoardEvent[]): void {
  const spawns = new Map(
    events.flatMap((event) =>
      event.kind === 'spawned' && event.run_id !== null ? [[event.run_id, event.created_at]] : [],
    ),
  )
  for (const run of runs) {
    const at = spawns.get(run.id)
    if (at !== undefined) run.spawned_at = Math.min(Math.max(at, run.started_at), run.ended_at ?? Infinity)
  }
}
