import { BLANK_TASK } from '../../contract/blank-task.ts'
import type { Board, Card, ProfileState } from '../../contract/index.ts'
import { RUN_OUTCOMES, TASK_STATUSES, type TaskStatus } from '../../contract/states.ts'

/** Sample data without a kernel: the same cards for the same size, so that screenshots can be compared. */

const TITLES = [
  'Cache the resolved executable so that a claim does not stat PATH',
  'Explain why a held profile keeps its tasks back',
  'Flaky: supervisor test waits for a pid that was reused',
  'Rename the `why` sentences of limits so that they name the limit',
  'Measure claim latency with 100,000 closed runs',
  'Write the upgrade guide from the old board format',
  'Reject a worktree path that lies inside another worktree',
  'Log viewer: follow stops when the file is cut in the middle',
  'Backups: keep the last seven and check each of them',
  'Move the retry arithmetic into one file with property tests',
  'Ask before quitting while workers run',
  'Read CLAUDE.md and AGENTS.md into the context preview',
  'Crash on start when the config file holds a BOM',
  'Group notifications that come in a burst',
  'Add --times to `log` and show them in the drawer',
  'Investigate the 1.4 s wait under four saturating writers',
]
const QUESTIONS = [
  'The migration drops `claim_note`. Is anything outside this repository reading it?',
  'Two tests disagree about quiet hours across midnight: which one is right?',
  'I need a token with write access to the package registry to publish the canary.',
]
const NOTES = ['running the property tests, seed 4 of 20', 'reading kernel/dispatcher', 'rebasing on main']
const PROFILES = ['claude', 'codex', 'gemini', 'lint', 'nightly']
const TENANTS = [null, null, null, 'infra', 'website']

function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

/** @returns `size` cards in all columns except archived */
export function fakeCards(size: number, now: number): Card[] {
  const next = random(size)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T
  const shares: [TaskStatus, number][] = [
    ['triage', 0.06],
    ['todo', 0.2],
    ['ready', 0.14],
    ['running', 0.03],
    ['review', 0.04],
    ['blocked', 0.05],
    ['done', 1],
  ]
  const statusAt = (part: number): TaskStatus => {
    let sum = 0
    for (const [status, share] of shares) if (part < (sum += share)) return status
    return 'done'
  }
  return Array.from({ length: size }, (_, index) => {
    const status = statusAt(index / size)
    const at = now - Math.floor(next() ** 3 * 5 * 86_400_000) - 4000
    return fakeCard(`t_${(0x4a10c0de + index * 7919).toString(16).slice(-8)}`, status, at, now, next, pick)
  })
}

function fakeCard(
  id: string,
  status: TaskStatus,
  at: number,
  now: number,
  next: () => number,
  pick: <T>(list: readonly T[]) => T,
): Card {
  const failed = next() < 0.3
  const attempts =
    status === 'triage' || status === 'todo' ? 0 : Math.floor(next() * 4) + (status === 'ready' ? 0 : 1)
  const running = status === 'running'
  const blocked = status === 'blocked'
  const outcome =
    attempts === 0 || (running && attempts === 1)
      ? null
      : blocked
        ? failed
          ? 'gave_up'
          : 'blocked'
        : status === 'done'
          ? 'completed'
          : status === 'review'
            ? 'review_requested'
            : pick(
                RUN_OUTCOMES.filter((name) => !['completed', 'review_requested', 'blocked'].includes(name)),
              )
  const retrying = status === 'ready' && attempts > 0 && failed
  const children = Math.floor(next() * 4)
  return {
    ...BLANK_TASK,
    id,
    title: pick(TITLES),
    status,
    assignee: status === 'triage' || next() < 0.05 ? null : pick(PROFILES),
    priority: pick([0, 0, 0, 5, 10]),
    tenant: pick(TENANTS),
    created_by: 'human',
    created_at: at - 3_600_000,
    updated_at: at,
    started_at: attempts > 0 ? at : null,
    completed_at: status === 'done' ? at : null,
    retry_at: retrying ? now + 42_000 : null,
    ready_at: status === 'ready' ? at : null,
    block_kind: blocked ? (failed ? 'gave_up' : 'needs_input') : null,
    block_reason: blocked ? (failed ? 'exit 1: 3 failures in a row' : pick(QUESTIONS)) : null,
    workspace_kind: 'worktree',
    consecutive_failures: failed ? 1 : 0,
    last_failure_error: failed ? 'exit 1' : null,
    current_run_id: running ? 7 : null,
    parents: [],
    children: Array.from({ length: children }, (_, index) => `t_0000000${index}`),
    open_parents: status === 'todo' ? ['t_4a10c0de'] : [],
    comment_count: next() < 0.3 ? Math.ceil(next() * 6) : 0,
    unmerged_parents: [],
    uncommitted_files: null,
    progress: null,
    children_done: Math.floor(next() * (children + 1)),
    attempt_count: attempts,
    last_outcome: outcome,
    last_shown_outcome: outcome,
    latest_summary:
      status === 'done' || status === 'review'
        ? 'Resolved once per profile and kept; a changed PATH is seen at the next save.'
        : null,
    run_started_at: running ? now - Math.floor(next() * 1_500_000) : null,
    run_heartbeat_at: running ? now - Math.floor(next() * 40_000) : null,
    run_heartbeat_note: running ? pick(NOTES) : null,
    why: retrying
      ? {
          gate: 'retry_at',
          sentence: 'attempt 2 crashed; retries by itself',
          clears_at: now + 42_000,
          action: 'retry',
        }
      : status === 'todo'
        ? { gate: 'open_parents', sentence: 'waits for t_4a10c0de', clears_at: null, action: null }
        : status === 'ready' && next() < 0.3
          ? {
              gate: 'workspace_busy',
              sentence: 'its folder is in use by t_4a10ffff',
              clears_at: null,
              action: null,
            }
          : null,
  }
}

export function fakeBoard(slug: string, name: string, counts: Board['counts'], now: number): Board {
  return {
    slug,
    name,
    icon: null,
    color: null,
    project_dir: '/home/me/code/runboard',
    created_at: now,
    archived: false,
    archived_as: null,
    unaccepted: false,
    current: slug === 'runboard',
    path: `/home/me/.local/share/runboard/boards/${slug}`,
    settings: {
      max_running: null,
      failure_limit: null,
      stale_after_seconds: null,
      max_waiting: null,
      default_workspace: null,
      accept_plans: false,
      merge_method: 'merge',
      wait_for_merge: false,
      paused: false,
    },
    counts,
    problem: null,
  }
}

export function noCounts(): Board['counts'] {
  return Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Board['counts']
}

export function fakeProfiles(): ProfileState[] {
  return PROFILES.map((name) => ({
    name,
    description: null,
    command: [name, '-p', '{prompt}'],
    shell: null,
    driver: 'process',
    acp_mode: null,
    env: {},
    stdin: 'context',
    completion: name === 'lint' ? 'exit-code' : 'explicit',
    max_concurrent: 2,
    max_runtime_seconds: 3600,
    failure_limit: null,
    backoff_seconds: null,
    model: null,
    rate_limit_pattern: null,
    failure_pattern: null,
    rate_limit_exit_codes: [75],
    usage_parser: 'none',
    resume: 'auto',
    capabilities: ['worker'],
    max_wait_seconds: null,
    allow_edits: false,
    allowed_commands: [],
    allowed_tools: [],
    running: 1,
    executable: `/usr/local/bin/${name}`,
    executable_error: null,
    held_since: null,
    held_why: null,
    held_until: null,
  }))
}
