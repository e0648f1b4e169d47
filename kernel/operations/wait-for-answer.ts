import { SECOND } from '../../formats/time.ts'
import { OperationError } from '../../contract/index.ts'
import { onChange } from '../board/change-feed.ts'
import { CLAIM_TTL_SECONDS } from '../lifecycle/renew-claim.ts'
import { withdrawQuestion } from '../lifecycle/withdraw-questions.ts'
import * as questions from '../tables/questions.ts'
import type { QuestionRow } from '../tables/questions.ts'
import type { BoardContext } from './handler.ts'

/** How often the worker's claim is renewed while its call waits. */
const RENEW_MS = (CLAIM_TTL_SECONDS * SECOND) / 3
/** The longest timer: setTimeout takes 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Why a wait ended while its question is open. */
type Left = 'timeout' | 'caller' | 'closing' | 'board'

export interface Wait {
  question_id: number
  /** Undefined: no limit. */
  timeout_seconds: number | undefined
  /** Whether this call asked the question. If so, it withdraws the question when it ends without an answer. */
  is_asker: boolean
}

/**
 * Waits until a question is answered or withdrawn. Writes of this process end the wait at once, writes of other processes as
 * soon as they are noticed. Nothing is kept in memory, so another call can wait for the same question, also after a restart.
 *
 * @returns the question at the end of the wait; still open after a timeout of a call that did not ask it
 * @throws OperationError BUSY when this process closes the board meanwhile; the question stays open
 */
export async function waitForAnswer(context: BoardContext, wait: Wait): Promise<QuestionRow> {
  const waiting = waitUntilClosed(context, wait)
  // A closing process waits for this, so that a call that ends can still withdraw its question.
  const { pendingCalls } = context.services
  pendingCalls.add(waiting)
  try {
    return await waiting
  } finally {
    pendingCalls.delete(waiting)
  }
}

async function waitUntilClosed(context: BoardContext, wait: Wait): Promise<QuestionRow> {
  const { question_id: id } = wait
  const left = wait.timeout_seconds === 0 ? 'timeout' : await untilClosed(context, wait)
  if (left === 'board' || left === 'closing') {
    const sentence = `Question ${id} is still open, but this process has closed the board. Wait again with “runboard await ${id}”.`
    throw new OperationError('BUSY', sentence, { question_id: id })
  }
  const question = requireQuestion(context, id)
  if (left === null || !questions.isOpen(question) || !wait.is_asker || wait.timeout_seconds === 0)
    return question
  // Not fenced: the end of a run has already withdrawn its questions.
  await context.board.connection.write(context.caller.actor, (tx) =>
    withdrawQuestion(tx, question, left === 'timeout' ? 'timeout' : 'withdrawn'),
  )
  return requireQuestion(context, id)
}

/** @returns null when the question is no longer open, else why the wait ended */
async function untilClosed(
  context: BoardContext,
  { question_id: id, timeout_seconds, is_asker }: Wait,
): Promise<Left | null> {
  const { services, caller, board } = context
  const stops: (() => void)[] = []
  try {
    return await new Promise<Left | null>((resolve) => {
      const look = () => {
        if (!board.connection.isOpen || !board.connection.isCurrent()) return resolve('board')
        if (!isOpen(context, id)) resolve(null)
      }
      stops.push(onChange(board, look))
      stops.push(onAbort(services.closing.signal, () => resolve('closing')))
      if (caller.signal !== undefined) stops.push(onAbort(caller.signal, () => resolve('caller')))
      if (timeout_seconds !== undefined) stops.push(after(timeout_seconds * SECOND, () => resolve('timeout')))
      stops.push(keepClaim(context, is_asker))
      look()
    })
  } finally {
    for (const stop of stops) stop()
  }
}

function isOpen({ read }: BoardContext, id: number): boolean {
  const row = read.get(questions.byId, { id })
  return row !== undefined && questions.isOpen(row)
}

function onAbort(signal: AbortSignal, body: () => void): () => void {
  if (signal.aborted) body()
  signal.addEventListener('abort', body, { once: true })
  return () => signal.removeEventListener('abort', body)
}

function after(ms: number, body: () => void): () => void {
  const timer = setTimeout(body, Math.min(ms, LONGEST_TIMER_MS))
  return () => clearTimeout(timer)
}

/**
 * Renews the claim of a run, at once and then from time to time. A claim without signs of life lapses if this process cannot
 * see the process of the run, and may be shorter than the wait for an answer.
 *
 * @param isAsker whether this call has asked the question, which has renewed the claim already
 */
function keepClaim(context: BoardContext, isAsker: boolean): () => void {
  const { worker, services } = context
  if (worker === undefined) return () => undefined
  const renew = () => {
    context.callByName('task.heartbeat', { id: worker.task_id }).catch((error: unknown) => {
      // The end of the run ends the wait.
      if (!(error instanceof OperationError))
        services.report('the claim of a waiting run was not renewed', error)
    })
  }
  if (!isAsker) renew()
  const timer = setInterval(renew, RENEW_MS)
  return () => clearInterval(timer)
}

/** @throws OperationError NOT_FOUND */
export function requireQuestion({ read, board }: BoardContext, id: number): QuestionRow {
  const row = read.get(questions.byId, { id })
  if (row !== undefined) return row
  throw new OperationError('NOT_FOUND', `Question ${id} not found on board “${board.slug}”.`, {
    question_id: id,
  })
}
