import type { Profile } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import { whyWorkspaceNotOwn } from '../board/own-workspace.ts'
import { keepWork } from '../board/kept-work.ts'
import type { Services } from '../services.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { workOf } from '../board/task-work.ts'
import { countChanges } from '../workers/changes/read-changes.ts'
import { askGit } from '../workers/git/git.ts'
import { logSize } from '../workers/log/log-file.ts'
import { observe } from '../workers/workspace/observe.ts'
import { GitMissingError, WorkerSetupError } from '../workers/setup-error.ts'
import { findLeftovers } from '../workers/process/tree.ts'
import { targetOf, tracesOf } from '../board/stop-process.ts'

/** What Runboard itself observed about a run, beside what its worker reports. The columns of `observed`, as JSON. */
export type ObservedFacts = Record<string, unknown>

type Kind = Pick<TaskRow, 'workspace_kind'>

/** A scratch folder is new and ours; only the other kinds can lie in a repository. */
function mayHaveGit(task: Kind): boolean {
  return task.workspace_kind !== 'scratch'
}

/**
 * What holds for the workspace before the worker starts.
 *
 * @param path absolute path of the workspace
 */
export async function observeBefore(task: Kind, path: string): Promise<ObservedFacts> {
  if (!mayHaveGit(task)) return {}
  try {
    const head = await askGit(path, ['rev-parse', '--verify', '--quiet', 'HEAD'])
    return head === null ? {} : { git_head_before: head }
  } catch (error) {
    // A worker can still work in a folder. What needs git has refused the task before this.
    if (error instanceof GitMissingError) return {}
    throw error
  }
}

/** What the process that watched a worker knows about it, besides its exit. */
export interface Sightings {
  /** Peak memory of its process tree. */
  peak_rss_bytes: number | null
  /** The pids that existed before it was started. */
  pids_before: ReadonlySet<number> | null
  /** The profile it was started with: a profile may be removed while its worker runs. */
  started_as: Profile | null
  /** The control group that it was started in. */
  control_group: string | null
}

export const UNWATCHED: Sightings = {
  peak_rss_bytes: null,
  pids_before: null,
  started_as: null,
  control_group: null,
}

/** The most pids that are listed. */
const LISTED_PIDS = 50

/**
 * What holds for a run once its worker is gone. A workspace that cannot be inspected is reported and leaves the other
 * facts unaffected: an observation must never keep a run from being closed.
 */
export async function observeAfter(
  services: Services,
  board: Board,
  task: TaskRow,
  run: RunRow,
  sightings: Sightings,
): Promise<ObservedFacts> {
  const facts: ObservedFacts = {}
  if (run.log_path !== null) facts['log_bytes'] = logSize(run.log_path)
  const { peak_rss_bytes } = sightings
  if (peak_rss_bytes !== null) facts['peak_rss_bytes'] = peak_rss_bytes
  Object.assign(facts, await leftoverFacts(board, run, sightings))
  if (run.workspace_path === null || !mayHaveGit(task)) return facts
  try {
    const foreign = await whyWorkspaceNotOwn(board, task)
    if (foreign !== null) return { ...facts, workspace_problem: foreign }
    const seen = await gitFacts(task, run, run.workspace_path)
    return { ...facts, ...seen, ...(await workFacts(board, task)), ...(await stepFacts(board, task)) }
  } catch (error) {
    services.report(`the workspace of run ${run.id} could not be looked at`, error)
    return facts
  }
}

async function gitFacts(task: TaskRow, run: RunRow, path: string): Promise<ObservedFacts> {
  const before = run.observed === null ? {} : (JSON.parse(run.observed) as ObservedFacts)
  const head = before['git_head_before']
  const seen = await observe(path, {
    head_before: typeof head === 'string' ? head : null,
    base: run.base_commit ?? task.base_ref,
  })
  if (seen === null) return {}
  return {
    git_head_after: seen.head,
    files_changed: seen.files_changed,
    files_changed_count: seen.files_changed_count,
    dirty_files: seen.dirty_files,
    commits_ahead: seen.commits_ahead,
  }
}

/** The commit of the work for the next step of a workflow, including uncommitted files. */
async function stepFacts(board: Board, task: TaskRow): Promise<ObservedFacts> {
  const work_head = task.workflow_run_id === null ? null : await keepWork(board, task)
  return work_head === null ? {} : { work_head }
}

/** The size of the task's diff, by the rules of the diff itself. */
async function workFacts(board: Board, task: TaskRow): Promise<ObservedFacts> {
  if (task.workspace_kind !== 'worktree') return {}
  try {
    const { files_count, uncommitted } = await countChanges(await workOf(board, task))
    return { work_files_count: files_count, work_uncommitted: uncommitted }
  } catch (error) {
    // A worktree that has no commit of its task, or that the worker destroyed, has no diff.
    if (error instanceof WorkerSetupError) return {}
    throw error
  }
}

/** Processes that outlived the worker: those of the run, and those that may be. */
async function leftoverFacts(board: Board, run: RunRow, sightings: Sightings): Promise<ObservedFacts> {
  const target = targetOf(run)
  if (target?.markers == null) return {}
  const worker = { ...target, traces: tracesOf(board, run) }
  const { left, unexplained } = await findLeftovers(worker, sightings.pids_before, sightings.control_group)
  return {
    ...(left.length > 0 && { leftover_pids: listedPids(left) }),
    ...(unexplained.length > 0 && { possible_leftover_pids: listedPids(unexplained) }),
  }
}

/** A worker that leaves thousands of processes must not fill its row with their pids. */
export function listedPids(processes: readonly { pid: number }[]): number[] {
  return processes.slice(0, LISTED_PIDS).map(({ pid }) => pid)
}
