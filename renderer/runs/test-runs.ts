import { BLANK_TASK } from '../../contract/blank-task.ts'
import type { BoardEvent, Run, Task } from '../../contract/index.ts'
import { errorHeadline } from '../../formats/own-errors.ts'

/** Sample rows for tests: give the fields that matter, the others have usual values. */

export const NOW = 1_790_000_000_000

export function aTask(values: Partial<Task> = {}): Task {
  return {
    ...BLANK_TASK,
    id: 't_00000001',
    title: 'Fix the flaky login test',
    status: 'ready',
    assignee: 'claude',
    created_by: 'human',
    created_at: NOW - 600_000,
    updated_at: NOW,
    ...values,
  }
}

export function aRun(values: Partial<Run> = {}): Run {
  const started = values.started_at ?? NOW - 60_000
  const ended = values.outcome == null ? null : (values.ended_at ?? started + 30_000)
  return {
    id: values.attempt ?? 1,
    task_id: 't_00000001',
    attempt: 1,
    profile: 'claude',
    step_key: null,
    trigger: 'dispatcher',
    outcome: null,
    worker_pid: 4711,
    host: 'here',
    claim_expires_at: null,
    max_runtime_seconds: null,
    ready_at: started - 1000,
    started_at: started,
    spawned_at: started + 100,
    first_output_at: started + 1000,
    last_heartbeat_at: null,
    last_heartbeat_note: null,
    stop_requested_at: null,
    stop_outcome: null,
    elapsed_ms: (ended ?? NOW) - started,
    exit_code: null,
    signal: null,
    summary: null,
    metadata: null,
    error: null,
    headline: errorHeadline(values.error ?? null),
    error_fingerprint: null,
    log_path: '/logs/1.log',
    command: ['claude', '-p', 'do it'],
    workspace_path: '/work/1',
    observed: null,
    usage: null,
    base_branch: null,
    base_commit: null,
    visit_id: null,
    verdict: null,
    agent: null,
    agent_session_id: null,
    agent_cwd: null,
    resumed_from_run: null,
    session_choice: null,
    ...values,
    ended_at: ended,
  }
}

let eventId = 0

export function anEvent(kind: BoardEvent['kind'], values: Partial<BoardEvent> = {}): BoardEvent {
  eventId++
  return {
    id: eventId,
    task_id: 't_00000001',
    run_id: null,
    kind,
    payload: null,
    actor: 'dispatcher',
    created_at: NOW,
    ...values,
  }
}
