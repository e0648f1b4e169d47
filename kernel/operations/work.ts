import { plural } from '../../formats/count.ts'
import { hasEnded, OperationError, type OperationOutput } from '../../contract/index.ts'
import { whoUses } from '../board/folder-users.ts'
import { workspaceOwner } from '../board/gates.ts'
import { archiveTask } from '../lifecycle/archive.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import { presentTask } from '../board/present.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { projectOf } from '../board/task-project.ts'
import { workOf } from '../board/task-work.ts'
import { discardWork } from '../workers/changes/discard-work.ts'
import type { Work } from '../workers/changes/locate-work.ts'
import { lookAtMerge } from '../workers/changes/merge-state.ts'
import { whyNotMerge } from '../workers/changes/merge-work.ts'
import { findMerged, mergedSentence, type RecordedMerge } from '../workers/changes/merged-changes.ts'
import { type Changes, countUncommitted, readChanges } from '../workers/changes/read-changes.ts'
import { snapshotOf } from '../workers/changes/review-snapshot.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { markMerged } from './mark-merged.ts'
import { withWarnings } from './warnings.ts'
import {
  keepSight,
  mergeTask,
  NOTHING_TO_MERGE,
  refuseAtWork,
  refuseOpenWalk,
  refusingInSentences,
} from './merging.ts'
import { reviewedCommit, reviewsOf } from './reviews.ts'
import { answer } from './tasks.ts'
import { requireVisit, workOfVisit } from './visit-work.ts'

export const workHandlers = {
  'task.diff': (context, { id, into, since = null, visit = null }) =>
    refusingInSentences(id, () => {
      if (since !== null && visit !== null)
        throw new OperationError('INVALID_INPUT', 'since and visit exclude each other: give one of them.', {})
      return visit === null ? diffOf(context, id, into, since) : diffOfVisit(context, id, into, visit)
    }),

  'task.merge': async (context, { id, into, message, method }) => {
    const task = requireTask(context.read, id)
    const { moved, merged, warnings } = await mergeTask(context, task, {
      into,
      message,
      method,
      note: null,
    })
    return { ...answer(context, moved.task, moved.run), ...merged, ...withWarnings(warnings) }
  },

  'task.mark_merged': async (context, input) => answer(context, await markMerged(context, input), null),

  'task.discard': async (context, { id }) => {
    const task = requireTask(context.read, id)
    refuseAtWork(context, task, 'discarded')
    refuseOpenWalk(task, 'discarded')
    refuseShared(context, task)
    refuseUsed(context, task)
    const discarded = await refusingInSentences(id, async () =>
      discardWork(await workOf(context.board, task), {
        trash_dir: context.board.trashFolder,
        now: context.services.clock,
      }),
    )
    const after = await context.write((tx) => {
      writeEvent(tx, 'discarded', id, null, { ...discarded })
      const now = requireTask(tx, id)
      return now.status === 'running' || now.status === 'archived' ? now : archiveTask(tx, now).task
    })
    return { task: presentTask(after), ...discarded }
  },
} satisfies Partial<BoardHandlers>

/** The diff of a task's work: the current one, or the merged one when there is nothing newer. */
async function diffOf(
  context: BoardContext,
  id: string,
  into: string | null,
  since: number | null,
): Promise<OperationOutput<'task.diff'>> {
  const { board } = context
  const reviews = reviewsOf(context.read, id)
  const before = requireTask(context.read, id)
  const work = await workOrMerged(context, before, into)
  const seen = work === null ? null : { ...(await lookAtMerge(work)), head: work.head }
  const task = seen === null || before.status === 'running' ? before : await keepSight(context, id, seen)
  const isMerged = task.merge_state === 'merged' && task.status !== 'running'
  if (work !== null && !isMerged) {
    const base = since === null ? work.base : await reviewedCommit(work.repository, reviews, since)
    const [merge_refusal, changes] = await Promise.all([
      task.merge_state === 'nothing' ? NOTHING_TO_MERGE : whyNotMerge(work),
      since === null ? readChanges(work) : changesSince(work, base),
    ])
    return {
      ...factsOf(task, work),
      reviews,
      since,
      visit: null,
      base,
      head: work.head,
      merge_refusal,
      ...changes,
    }
  }
  const merge = mergeOf(task)
  const range = await findMerged(work?.repository ?? projectOf(board, task), merge)
  const { base, head } = range
  return {
    ...factsOf(task, work),
    reviews,
    since: null,
    visit: null,
    base,
    head,
    merge_refusal: mergedSentence(merge),
    ...(await readChanges(range)),
  }
}

/** What one visit of the card's workflow changed, committed or not. */
async function diffOfVisit(
  context: BoardContext,
  id: string,
  into: string | null,
  visit_id: number,
): Promise<OperationOutput<'task.diff'>> {
  const { board, read } = context
  const task = requireTask(read, id)
  const visit = requireVisit(context, task, visit_id)
  const work = await workOrMerged(context, task, into)
  const repository = work?.repository ?? projectOf(board, task)
  if (repository === null)
    throw new OperationError('CONFLICT', `Task ${id} has no work in a repository.`, { id })
  const range = await workOfVisit(context, task, visit, repository)
  return {
    ...factsOf(task, work),
    reviews: reviewsOf(read, id),
    since: null,
    visit: { id: visit.id, step: visit.step_key, visit: visit.visit },
    ...range,
    merge_refusal: 'This is only what one step changed: open the diff of the whole work to merge it.',
    ...(await readChanges({ repository, worktree: null, ...range })),
  }
}

/**
 * Reads the changes since the commit of the reviewed work. Makes a commit of the current work too: files that were untracked
 * at the review may still be, and git compares only files that it knows.
 */
async function changesSince(work: Work, base: string): Promise<Changes> {
  const head = await snapshotOf(work)
  const changes = await readChanges({ repository: work.repository, worktree: null, base, head })
  // Our own commit is not one of the worker's. It is not in the list at all if nothing has changed since the review.
  const commits = changes.commits.filter(({ id }) => id !== head || head === work.head)
  return {
    ...changes,
    commits,
    commits_count: changes.commits_count - (changes.commits.length - commits.length),
    uncommitted: work.worktree === null ? 0 : await countUncommitted(work.worktree),
  }
}

function factsOf(
  task: TaskRow,
  work: Work | null,
): Pick<
  OperationOutput<'task.diff'>,
  'branch' | 'worktree' | 'into' | 'merge_state' | 'merged' | 'reverted'
> {
  const { merged_at, merged_by } = task
  return {
    branch: work === null ? task.branch : work.branch,
    worktree: work?.worktree ?? null,
    into: work?.target?.name ?? task.merged_into,
    merge_state: task.merge_state,
    reverted: work !== null && work.reverted !== null,
    merged: merged_at === null ? null : { ...mergeOf(task), at: merged_at, by: merged_by },
  }
}

/** The recorded facts of a task's merge. */
export function mergeOf(task: TaskRow): RecordedMerge {
  return {
    into: task.merged_into,
    commit: task.merged_commit,
    base: task.merged_base,
    head: task.merged_head,
  }
}

/** @returns null for a merged task whose worktree and branch are gone */
async function workOrMerged(
  { board }: BoardContext,
  task: TaskRow,
  into: string | null,
): Promise<Work | null> {
  try {
    return await workOf(board, task, into)
  } catch (error) {
    if (error instanceof WorkerSetupError && task.merge_state === 'merged') return null
    throw error
  }
}

/** @throws OperationError CONFLICT while anything else uses the folder of the worktree */
export function refuseUsed({ services, board, read }: BoardContext, task: TaskRow): void {
  const owner = read.get(tasks.byId, { id: workspaceOwner(task) }) ?? task
  if (owner.workspace_kind !== 'worktree' || owner.workspace_path === null) return
  const own = read.all(tasks.sharingWorkspace, { owner: owner.id }).map(({ id }) => id)
  const use = whoUses(services, owner.workspace_path, { board: board.slug, tasks: own })
  if (use !== null) throw new OperationError('CONFLICT', use, { id: task.id })
}

/** @throws OperationError CONFLICT while an unfinished task shares the worktree */
export function refuseShared({ read }: BoardContext, task: TaskRow): void {
  const others = read
    .all(tasks.sharingWorkspace, { owner: workspaceOwner(task) })
    .filter((other) => other.id !== task.id && !hasEnded(other))
  if (others.length === 0) return
  const ids = others.map(({ id }) => id)
  throw new OperationError(
    'CONFLICT',
    `The worktree of task ${task.id} is shared with ${ids.slice(0, 5).join(', ')}, which ${plural(ids.length, 'is', 'are')} not finished.`,
    { id: task.id, shared_with: ids },
  )
}
