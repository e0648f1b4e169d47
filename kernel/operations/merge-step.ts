import { OperationError } from '../../contract/index.ts'
import type { Handoff, StepReport } from '../lifecycle/moved.ts'
import { seeWork } from '../board/task-work.ts'
import { type KnownMerge, recordMerge } from '../lifecycle/merge.ts'
import type { WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { Work } from '../workers/changes/locate-work.ts'
import { conflictsOf } from '../workers/changes/join-work.ts'
import { mergeWork } from '../workers/changes/merge-work.ts'
import { NOT_RUN } from '../workers/spawn/verify.ts'
import type { BoardContext } from './handler.ts'
import { refusingInSentences } from './merging.ts'
import { verifyBeforeMerge } from './verify.ts'

/** How a merge step ended, and what to record in the same transaction. */
export interface MergeEnd {
  end: Handoff & StepReport & { verdict: string }
  record: ((tx: WriteTx, task: TaskRow) => void) | null
}

/**
 * Merges the work of a card at a merge step. A conflict and a failed check are verdicts; anything else that prevents the
 * merge is an error, so that the attempt fails visibly.
 *
 * @returns how the step ended, and what to record in the same transaction
 */
export async function carryOutMerge(
  context: BoardContext,
  task: TaskRow,
  work: Work,
  verify: boolean,
): Promise<MergeEnd> {
  const head = work.head
  const seen = await seeWork(context.board, task)
  // An earlier attempt may have merged the work and ended before it reported that.
  if (seen?.state === 'merged') return merged(seen.merge, head)
  if (seen?.state === 'nothing')
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} has nothing to merge: its worktree has no work of its own.`,
    )
  const files = await conflictsOf(work)
  if (files.length > 0) {
    const summary = `Merge conflict with ${work.target?.name ?? 'its target'} in ${files.join(', ')}.`
    return { end: { verdict: 'conflict', summary, metadata: { files }, head }, record: null }
  }
  if (verify) {
    const output = await checkOutput(context, task, work)
    if (output !== null)
      return { end: { verdict: 'check_failed', summary: output, metadata: { output }, head }, record: null }
  }
  const { warnings: _advice, ...made } = await refusingInSentences(task.id, () =>
    mergeWork(work, `${task.title} (${task.id})`, context.board.settings().merge_method),
  )
  return merged({ ...made, at: context.services.clock(), by: context.caller.actor }, made.head)
}

function merged(merge: KnownMerge, head: string): MergeEnd {
  const { into, commit } = merge
  const summary = `Merged into ${into} as ${commit.slice(0, 9)}.`
  return {
    end: { verdict: 'merged', summary, metadata: { into, commit }, head },
    record: (tx, now) => recordMerge(tx, now, merge, 'merge'),
  }
}

/**
 * @returns the end of the check’s output when it fails; null when it passes
 * @throws OperationError when the check could not be run, or did not end by itself: the attempt fails then, as that of a
 *   check step does
 */
export async function checkOutput(context: BoardContext, task: TaskRow, work: Work): Promise<string | null> {
  try {
    await verifyBeforeMerge(context, task, work)
    return null
  } catch (error) {
    const data = error instanceof OperationError ? error.data : undefined
    const output = data?.['output']
    // With a problem, the status is not that of the command: it took too long, or nobody saw its end.
    const isVerdict = data?.['problem'] == null && !NOT_RUN.includes(data?.['exit_code'])
    if (typeof output === 'string' && isVerdict)
      return output === '' ? 'The check failed and wrote nothing.' : output
    throw error
  }
}
