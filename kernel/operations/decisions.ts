import type { OperationOutput } from '../../contract/index.ts'
import { retryTask, unblockTask } from '../lifecycle/block.ts'
import type { Moved } from '../lifecycle/moved.ts'
import { requestChanges } from '../lifecycle/review.ts'
import { refuseTransition, requireTask } from '../lifecycle/transition.ts'
import type { WriteTx } from '../db/connection.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { requireAsked } from './asked-step.ts'
import { approveWork } from './merging.ts'
import { reviewedWork } from './reviews.ts'
import { requireResumable } from './sessions.ts'
import { stopRunning } from './stop.ts'
import { answer } from './tasks.ts'
import { withWarnings } from './warnings.ts'

export const decisionHandlers = {
  'task.approve': async (context, input) => {
    const { task, run, warnings } = await approveWork(context, input)
    return { ...answer(context, task, run), ...withWarnings(warnings) }
  },

  'task.request_changes': async (context, { id, note, remarks }) => {
    const task = requireTask(context.read, id)
    if (task.status !== 'review') throw refuseTransition(task, 'request_changes')
    const asked = await requireAsked(context, task, null)
    const review = { ...(await reviewedWork(context, task)), ...(remarks.length > 0 && { remarks }) }
    return moved(context, (tx) => requestChanges(tx, requireTask(tx, id), note, review, asked))
  },

  'task.unblock': (context, { id, answer: text }) =>
    moved(context, (tx) => unblockTask(tx, requireTask(tx, id), text)),

  'task.retry': (context, { id, note, session }) => {
    if (session === 'resume') requireResumable(context, requireTask(context.read, id))
    return moved(context, (tx) => retryTask(tx, requireTask(tx, id), note, session))
  },

  'task.stop': (context, { id }) =>
    stopRunning(context, id, { outcome: 'stopped', status: 'ready', reason: null }),

  'task.reclaim': (context, { id, reason }) =>
    stopRunning(context, id, { outcome: 'reclaimed', status: 'ready', reason }),
} satisfies Partial<BoardHandlers>

async function moved(
  context: BoardContext,
  verb: (tx: WriteTx) => Moved,
): Promise<OperationOutput<'task.complete'>> {
  const { task, run } = await context.write(verb)
  return answer(context, task, run)
}
