import { OperationError, type CheckedInput, type OperationOutput } from '../../contract/index.ts'
import { BoardDispatcher, dispatcherOf } from '../dispatcher/board-dispatcher.ts'
import { readLease } from '../board/lease.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import * as boardState from '../tables/board-state.ts'
import { accept, isUnaccepted, requireAccepted } from '../board/acceptance.ts'
import { dispatcherState, isPaused } from '../board/facts.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'

type Answer = OperationOutput<'dispatcher.dispatch'>

export const dispatcherHandlers = {
  'dispatcher.dispatch': dispatch,
  'dispatcher.show': ({ services, board }) => ({ dispatcher: dispatcherState(services, board) }),
  'dispatcher.pause': (context) => setPaused(context, true),
  'dispatcher.resume': (context) => setPaused(context, false),
} satisfies Partial<BoardHandlers>

async function setPaused(
  context: BoardContext,
  paused: boolean,
): Promise<OperationOutput<'dispatcher.pause'>> {
  await context.write((tx) => {
    if (!paused && isUnaccepted(tx)) {
      // The import has shown a person which commands the board would run, so resuming it accepts them. A worker
      // cannot accept them.
      if (context.caller.worker !== undefined) requireAccepted(tx, context.board.slug)
      return accept(tx)
    }
    if (isPaused(tx) === paused) return
    tx.run(boardState.set, { key: 'paused', value: String(paused), now: tx.now })
    writeEvent(tx, paused ? 'dispatcher_paused' : 'dispatcher_resumed', null, null)
  })
  return { dispatcher: dispatcherState(context.services, context.board) }
}

async function dispatch(context: BoardContext, input: CheckedInput<'dispatcher.dispatch'>): Promise<Answer> {
  const { services, board } = context
  const own = dispatcherOf(services, board.slug)
  if (input.dry_run) return dryRun(own ?? new BoardDispatcher(services, board, 'dry run'), input.max)
  if (own !== undefined) {
    if (!(await own.take())) throw heldElsewhere(context)
    return onceIn(own, input)
  }
  const dispatcher = new BoardDispatcher(services, board, 'runboard dispatch', input.max)
  if (!(await dispatcher.take({ patiently: true }))) throw heldElsewhere(context)
  services.dispatchers.set(board.slug, dispatcher)
  try {
    return await onceIn(dispatcher, input)
  } finally {
    services.dispatchers.delete(board.slug)
    await dispatcher.stop()
  }
}

function dryRun(dispatcher: BoardDispatcher, max: number | undefined): Answer {
  const plan = dispatcher.plan(max)
  const claimed = plan.claims.map(({ task, profile }) => ({
    task_id: task.id,
    run_id: null,
    profile: profile.name,
  }))
  return { claimed, skipped: dispatcher.explain(plan), dry_run: true }
}

/** Makes one pass; with `wait`, makes passes until nothing runs and nothing can start. */
async function onceIn(
  dispatcher: BoardDispatcher,
  input: CheckedInput<'dispatcher.dispatch'>,
): Promise<Answer> {
  const before = dispatcher.claimed.length
  if (input.wait) dispatcher.start()
  await dispatcher.runOnce(input.max)
  await dispatcher.settled()
  if (input.wait) await dispatcher.drained()
  return {
    claimed: dispatcher.claimed.slice(before),
    skipped: dispatcher.explain(dispatcher.plan(0)),
    dry_run: false,
  }
}

function heldElsewhere({ services, board }: BoardContext): OperationError {
  const { row } = readLease(services, board)
  const who = row === null ? 'Another process' : `${row.holder} (pid ${row.pid})`
  return new OperationError(
    'CONFLICT',
    `${who} already dispatches the board “${board.slug}” and starts its ready tasks.`,
    row === null ? undefined : { holder: row.holder, pid: row.pid, renewed_at: row.renewed_at },
  )
}
