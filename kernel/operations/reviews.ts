import type { OperationOutput, Remark } from '../../contract/index.ts'
import { hasWorktree, workOf } from '../board/task-work.ts'
import type { Reader } from '../db/connection.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { knownCommit } from '../workers/git/git-refs.ts'
import { snapshotOf } from '../workers/changes/review-snapshot.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'
import type { BoardContext } from './handler.ts'

type Review = OperationOutput<'task.diff'>['reviews'][number]
type LineRemark = Omit<Remark, 'attempt' | 'answered_attempt' | 'at' | 'by'>

/** The payload of a review event. Events of older versions have only the note. */
interface Reviewed {
  attempt?: number
  commit?: string | null
  remarks?: LineRemark[]
}

/** The newest attempt, and its work as a commit, for a review to record; nulls for a task without them. */
export async function reviewedWork(
  { board, read, services }: BoardContext,
  task: TaskRow,
): Promise<{ attempt: number | null; commit: string | null }> {
  const attempt = read.get(taskRuns.newestOf, { task_id: task.id })?.attempt ?? null
  if (!hasWorktree(board, task)) return { attempt, commit: null }
  const work = await workOf(board, task).catch((error: unknown) => {
    if (error instanceof WorkerSetupError) return null
    throw error
  })
  if (work === null) return { attempt, commit: null }
  try {
    return { attempt, commit: await snapshotOf(work) }
  } catch (error) {
    // The review still counts; only the diff since the review is missing.
    services.report(`the reviewed work of task ${task.id} could not be recorded`, error)
    return { attempt, commit: null }
  }
}

/** The reviews of a task that requested changes, oldest first. */
export function reviewsOf(read: Reader, id: string): Review[] {
  return eventsOf(read, id).flatMap(({ attempt, commit, at, by }) =>
    attempt === undefined || commit == null ? [] : [{ attempt, commit, at, by }],
  )
}

/**
 * The work as it was when an attempt was reviewed.
 *
 * @throws WorkerSetupError with a sentence if the attempt was not reviewed, or git no longer has the commit
 */
export async function reviewedCommit(
  repository: string,
  reviews: readonly Review[],
  attempt: number,
): Promise<string> {
  const review = reviews.filter((one) => one.attempt === attempt).at(-1)
  if (review === undefined)
    throw new WorkerSetupError(
      `No review of attempt ${attempt} requested changes; there is nothing to compare with.`,
    )
  const commit = await knownCommit(repository, review.commit)
  if (commit !== null) return commit
  throw new WorkerSetupError(
    `The repository no longer has the reviewed work of attempt ${attempt} (${review.commit.slice(0, 9)}).`,
  )
}

/** All remarks on lines of a task's work, oldest first. */
export function remarksOf(read: Reader, id: string): Remark[] {
  const handed = read
    .all(taskRuns.ofTask, { task_id: id })
    .filter(({ outcome }) => outcome === 'review_requested' || outcome === 'completed')
    .map(({ attempt }) => attempt)
    .sort((a, b) => a - b)
  return eventsOf(read, id).flatMap(({ attempt = 0, remarks = [], at, by }) =>
    remarks.map((remark) => {
      const answered_attempt = handed.find((later) => later > attempt) ?? null
      return { ...remark, attempt, answered_attempt, at, by }
    }),
  )
}

function eventsOf(read: Reader, task_id: string): (Reviewed & { at: number; by: string })[] {
  return read
    .all(taskEvents.ofKind, { task_id, kind: 'changes_requested' })
    .map(({ payload, created_at, actor }) => ({
      ...((payload === null ? {} : JSON.parse(payload)) as Reviewed),
      at: created_at,
      by: actor,
    }))
}
