import { attachmentPath } from '../board/attachment-files.ts'
import type { OperationOutput } from '../../contract/index.ts'
import { contextWay } from '../../formats/context-limits.ts'
import { buildContext } from '../board/context.ts'
import { deliverInContext } from '../lifecycle/deliver-messages.ts'
import { requireTask } from '../lifecycle/transition.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { BoardContext } from './handler.ts'

/**
 * The text that the worker of a task is given. For an open run it is frozen: at the spawn, or, for a pulled run, here
 * when its worker first asks for it.
 */
export async function freezeContext(
  context: BoardContext,
  id: string,
): Promise<OperationOutput<'task.context'>> {
  const task = requireTask(context.read, id)
  const run =
    task.current_run_id === null ? undefined : context.read.get(taskRuns.byId, { id: task.current_run_id })
  const profile = context.services.config.read().profiles.get(run?.profile ?? task.assignee ?? '')
  const build = () =>
    buildContext(context.read, id, {
      mustReport: profile?.completion !== 'exit-code',
      way: profile === undefined ? 'file' : contextWay(profile),
      filePath: (file) => attachmentPath(context.board, file),
    })
  if (run === undefined) return { context: build().text, run_id: null }
  if (run.context !== null) return { context: run.context, run_id: run.id }
  const { message_ids, text } = build()
  const isItsOwn = context.worker === undefined || context.worker.run_id === run.id
  if (run.trigger === 'dispatcher' || !isItsOwn) return { context: text, run_id: run.id }
  // Not fenced: a read is not a late message.
  const frozen = await context.board.connection.write(context.caller.actor, (tx) => {
    const set = tx.returning(taskRuns.setContext, { id: run.id, context: text })
    if (set !== undefined) deliverInContext(tx, run, message_ids)
    return set
  })
  return { context: frozen?.context ?? text, run_id: run.id }
}
