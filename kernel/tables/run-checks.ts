import { statement } from '../db/statement.ts'

/** A check that is running, or whose end has not been handled yet. */
export interface CheckRow {
  run_id: number
  command: string
  /** The value of RUNBOARD_CHECK in the environment of its processes. */
  marker: string
  pid: number
  started_key: string
  keeper_pid: number
  keeper_started_key: string | null
  host: string
  /** The process whose call waits for it; null if the dispatcher does. */
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
 * Zero rows if the run already has a check, is to be stopped, or is over; only a check before a merge may run after
 * its run.
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

/** By its marker, so that a check that replaced it stays. */
export const remove = statement<{ marker: string }>('DELETE FROM run_checks WHERE marker = :marker')
