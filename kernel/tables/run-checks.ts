import { statement } from '../db/statement.ts'

/** A check that runs now, or whose end nobody has dealt with yet. */
export interface CheckRow {
  run_id: number
  command: string
  /** What its processes carry in their environment as RUNBOARD_CHECK. */
  marker: string
  pid: number
  started_key: string
  keeper_pid: number
  keeper_started_key: string | null
  host: string
  /** The process whose call waits for it; null where the dispatcher does. */
  caller_pid: number | null
  caller_started_key: string | null
  log_path: string
  started_at: number
}

export const all = statement<Record<never, never>, CheckRow>('SELECT * FROM run_checks')

export const ofRun = statement<{ run_id: number }, CheckRow>(
  'SELECT * FROM run_checks WHERE run_id = :run_id',
)

/**
 * Zero rows where the run has a check already, is to be stopped, or is over: that only a check before a merge may find.
 */
export const insert = statement<CheckRow & { may_be_over: 0 | 1 }>(`
  INSERT INTO run_checks (
    run_id, command, marker, pid, started_key, keeper_pid, keeper_started_key, host, caller_pid, caller_started_key,
    log_path, started_at
  )
  SELECT
    :run_id, :command, :marker, :pid, :started_key, :keeper_pid, :keeper_started_key, :host, :caller_pid,
    :caller_started_key, :log_path, :started_at
  FROM task_runs WHERE id = :run_id AND (ended_at IS NULL AND stop_requested_at IS NULL OR ended_at IS NOT NULL AND :may_be_over = 1)
  ON CONFLICT (run_id) DO NOTHING`)

/** By its marker, so that the check that took its place stays. */
export const remove = statement<{ marker: string }>('DELETE FROM run_checks WHERE marker = :marker')
