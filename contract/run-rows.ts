import { z } from 'zod'
import { lazily } from './lazily.ts'
import { at, maybeAt, maybeText, object } from './columns.ts'
import { SESSION_CHOICES } from './sessions.ts'
import { RUN_OUTCOMES, RUN_TRIGGERS } from './states.ts'

export const outcome = lazily(() => z.enum(RUN_OUTCOMES))

/** What Runboard observed of a run, as opposed to what its worker reported. */
export const observed = lazily(() =>
  z
    .object({
      /** The model used: the task’s, else the profile’s. */
      model: z.string(),
      git_head_before: z.string(),
      git_head_after: z.string(),
      /** Paths of the files that this attempt changed: the first 200 of `files_changed_count`. */
      files_changed: z.array(z.string()),
      files_changed_count: z.int(),
      /** Number of files in the workspace with uncommitted changes. */
      dirty_files: z.int(),
      /** Number of files in the diff of all the task’s work so far, committed or not. */
      work_files_count: z.int(),
      /** How many of those files have uncommitted changes. */
      work_uncommitted: z.int(),
      /** Number of commits since the one that the work started from. */
      commits_ahead: z.int(),
      peak_rss_bytes: z.int(),
      log_bytes: z.int(),
      verify_exit_code: z.int(),
      verify_output: z.string(),
      /** The commit that passed the check; null when the check failed, or ran on uncommitted files or outside git. */
      verify_head: z.string().nullable(),
      /** The file with all output of the check. */
      verify_log_path: z.string(),
      /** Processes of this run that outlived its worker. */
      leftover_pids: z.array(z.int()),
      /** Processes that hide their origin, so they may or may not belong to this run; none of them is stopped. */
      possible_leftover_pids: z.array(z.int()),
    })
    .partial()
    .catchall(z.json()),
)
export type Observed = z.infer<ReturnType<typeof observed>>

export const run = lazily(() =>
  z
    .object({
      id: z.int(),
      task_id: z.string(),
      attempt: z.int(),
      profile: maybeText(),
      step_key: maybeText(),
      trigger: z.enum(RUN_TRIGGERS),
      outcome: outcome().nullable(),
      worker_pid: z.int().nullable(),
      host: maybeText(),
      claim_expires_at: maybeAt(),
      max_runtime_seconds: z.int().nullable(),
      /** When the task had become ready, before this run claimed it. */
      ready_at: maybeAt(),
      started_at: at(),
      spawned_at: maybeAt(),
      first_output_at: maybeAt(),
      last_heartbeat_at: maybeAt(),
      last_heartbeat_note: maybeText(),
      stop_requested_at: maybeAt(),
      /** The outcome that was requested with the stop. */
      stop_outcome: outcome().nullable(),
      ended_at: maybeAt(),
      elapsed_ms: z.int(),
      exit_code: z.int().nullable(),
      signal: maybeText(),
      summary: maybeText(),
      metadata: object().nullable(),
      error: maybeText(),
      /** The one line of the error that explains it best. */
      headline: maybeText(),
      error_fingerprint: maybeText(),
      log_path: maybeText(),
      command: z.array(z.string()).nullable(),
      workspace_path: maybeText(),
      observed: observed().nullable(),
      usage: object().nullable(),
      /** The branch that the work in the worktree started from and goes back to; null when it did not start from a branch. */
      base_branch: maybeText(),
      /** The commit that the worktree started from. */
      base_commit: maybeText(),
      /** The visit of a workflow step that the run belongs to. */
      visit_id: z.int().nullable(),
      /** The verdict that the run gave for that visit. */
      verdict: maybeText(),
      /** The agent, with its version if its output states it: `claude-code 2.1.332`. */
      agent: maybeText(),
      /** The agent’s own id of its session. */
      agent_session_id: maybeText(),
      /** The folder that the agent was started in. */
      agent_cwd: maybeText(),
      /** The run whose session this run resumed; null for a fresh session. */
      resumed_from_run: z.int().nullable(),
      /** Why the session was resumed or fresh; null for a first attempt. */
      session_choice: z.enum(SESSION_CHOICES).nullable(),
    })
    .meta({ id: 'Run' }),
)
export type Run = z.infer<ReturnType<typeof run>>

/** Whether the next attempt resumes a session or begins a fresh one. */
export const sessionPlan = lazily(() =>
  z
    .object({
      choice: z.enum(SESSION_CHOICES),
      /** The attempt whose session is considered. */
      attempt: z.int(),
    })
    .meta({ id: 'SessionPlan' }),
)
export type SessionPlan = z.infer<ReturnType<typeof sessionPlan>>

/** A run in lists of the whole board. */
export const listedRun = lazily(() =>
  run()
    .extend({
      /** The title of its task. */
      title: z.string(),
      /** How many other tasks had the same `error_fingerprint`. */
      same_error_tasks: z.int(),
    })
    .meta({ id: 'ListedRun' }),
)
export type ListedRun = z.infer<ReturnType<typeof listedRun>>

/** A run that is open, or that is over while its process still runs. */
export const worker = lazily(() =>
  z
    .object({
      run_id: z.int(),
      task_id: z.string(),
      title: z.string(),
      attempt: z.int(),
      profile: maybeText(),
      /** The name of its agent, and the version once the agent has stated it; null for a program that is none. */
      agent: maybeText(),
      agent_session_id: maybeText(),
      /** The model of the task, else of the profile; null when the agent chooses. */
      model: maybeText(),
      /** How many tokens the context of its session has, and how many it can have, as far as the agent says. */
      context_used: z.int().nullable(),
      context_size: z.int().nullable(),
      worker_pid: z.int().nullable(),
      alive: z.boolean(),
      memory_bytes: z.int().nullable(),
      started_at: at(),
      spawned_at: maybeAt(),
      elapsed_ms: z.int(),
      last_output_at: maybeAt(),
      last_output: maybeText(),
      last_heartbeat_at: maybeAt(),
      last_heartbeat_note: maybeText(),
      log_path: maybeText(),
      workspace_path: maybeText(),
      command: z.array(z.string()).nullable(),
      stop_requested_at: maybeAt(),
      /** When the run ended, if it is over: its process has not exited yet. */
      ended_at: maybeAt(),
    })
    .meta({ id: 'Worker' }),
)
export type Worker = z.infer<ReturnType<typeof worker>>
