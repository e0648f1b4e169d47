import { type Answer, OperationError, type QuestionKind, type RunTrigger } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as questions from '../tables/questions.ts'
import type { QuestionRow } from '../tables/questions.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { blockTask } from './block.ts'
import { howOver, keepLate } from './fence.ts'
import { openRunOf } from './end-run.ts'
import { getTask } from './moved.ts'
import { renewClaim } from './renew-claim.ts'
import { takeFromWorker } from './stop.ts'
import { withdrawQuestion } from './withdraw-questions.ts'
import { firstLine, writeEvent } from './write-event.ts'

export interface Asked {
  kind: QuestionKind
  title: string
  /** permission: what the worker wants to do; form: the JSON Schema of the answer. */
  input: Record<string, unknown> | null
  diff: string | null
  options: readonly string[]
}

export interface AskOptions {
  trigger: RunTrigger
  /** How many runs of the board may wait at once. */
  most_waiting: number
  /** The commit of the work, for a workflow step that is blocked. */
  head: string | null
}

/** Maximum open questions of one run. An agent may call several tools at once, but a loop must not fill the inbox. */
const MOST_OF_RUN = 20
/** Maximum questions of one run in all: a worker that asks in a loop must not fill the board's file. */
const MOST_IN_ALL = 1000

/**
 * Asks a question on the open run of a task, which stays running. If too many runs of the board wait already, blocks
 * the task with the question instead: the answer may take long, and the run would hold its slot.
 *
 * @throws OperationError CONFLICT for a task that is not running, or a run with too many open questions
 */
export function askQuestion(tx: WriteTx, task: TaskRow, asked: Asked, options: AskOptions): QuestionRow {
  if (task.status !== 'running') {
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} is ${task.status}; only the worker of a running task can ask. To ask without a run, block the task with the question.`,
      { id: task.id, status: task.status },
    )
  }
  const run = openRunOf(tx, task)
  if (run.stop_requested_at !== null) throw refuseStopped(run)
  refuseTooMany(tx, run)
  renewClaim(tx, run.id)
  const { id } = required(
    tx.returning(questions.insert, {
      run_id: run.id,
      kind: asked.kind,
      title: asked.title,
      input: asked.input === null ? null : JSON.stringify(asked.input),
      diff: asked.diff,
      options: JSON.stringify(asked.options),
      now: tx.now,
    }),
  )
  const others = tx.get(questions.countWaiting, { without: run.id })?.count ?? 0
  writeEvent(tx, 'question_asked', task.id, run.id, {
    question_id: id,
    kind: asked.kind,
    title: firstLine(asked.title),
  })
  if (others >= options.most_waiting) blockWithQuestion(tx, task, getQuestion(tx, id), options)
  return getQuestion(tx, id)
}

function refuseStopped({ attempt, id, task_id }: RunRow): OperationError {
  const sentence = `Attempt ${attempt} of task ${task_id} is being stopped, so it cannot ask.`
  return new OperationError('CONFLICT', sentence, { id: task_id, run_id: id })
}

function refuseTooMany(tx: WriteTx, run: RunRow): void {
  const asked = tx.get(questions.countOfRun, { run_id: run.id })?.count ?? 0
  if (asked >= MOST_IN_ALL)
    throw new OperationError(
      'CONFLICT',
      `Attempt ${run.attempt} of task ${run.task_id} has asked ${asked} questions, the most that a run may ask.`,
      { id: run.task_id, asked },
    )
  const open = tx.all(questions.openOfRun, { run_id: run.id })
  if (open.length < MOST_OF_RUN) return
  throw new OperationError(
    'CONFLICT',
    `Attempt ${run.attempt} of task ${run.task_id} has ${open.length} open questions already. Withdraw some, or wait for answers.`,
    { id: run.task_id, open: open.length },
  )
}

/**
 * Blocks the task of a waiting run with its question as the reason. The answer to the block is in the next attempt’s
 * context.
 */
function blockWithQuestion(
  tx: WriteTx,
  task: TaskRow,
  question: QuestionRow,
  { trigger, head }: Pick<AskOptions, 'trigger' | 'head'>,
): void {
  withdrawQuestion(tx, question, 'blocked')
  blockTask(tx, task, { reason: reasonOf(question), kind: 'needs_input', trigger, head })
}

/** @returns the question and its options as one text */
function reasonOf({ title, options }: QuestionRow): string {
  const choices = JSON.parse(options) as string[]
  return choices.length === 0 ? title : `${title}\nOptions: ${choices.join(', ')}`
}

/**
 * Ends a run that has waited for too long: blocks its task with the question. The caller stops the worker outside the
 * transaction; if the caller dies first, a dispatcher stops it.
 *
 * @returns the run whose processes must be stopped; null when the question is no longer open, a person stops the run
 *   already, or the run has no process
 */
export function blockUnanswered(tx: WriteTx, questionId: number, head: string | null): RunRow | null {
  const question = tx.get(questions.byId, { id: questionId })
  if (question === undefined || !questions.isOpen(question)) return null
  const task = getTask(tx, question.task_id)
  const run = openRunOf(tx, task)
  // The person who stops the run has said what becomes of its task.
  if (run.stop_requested_at !== null) return null
  const taken = takeFromWorker(tx, task)
  blockWithQuestion(tx, task, question, { trigger: run.trigger, head })
  return taken
}

/**
 * Answers an open question.
 *
 * @returns the question; or, for an ended run, the error. The caller commits first and throws it then, so that the answer
 *   is kept on the run as `late_write`
 * @throws OperationError CONFLICT for a question that is already answered or withdrawn, while its run is open
 */
export function answerQuestion(
  tx: WriteTx,
  question: QuestionRow,
  answer: Answer,
): { question: QuestionRow } | { late: OperationError } {
  const run = required(tx.get(taskRuns.byId, { id: question.run_id }))
  if (run.ended_at !== null || run.stop_requested_at !== null)
    return { late: lateAnswer(tx, question, answer, run) }
  const { id } = question
  if (
    tx.returning(questions.setAnswer, { id, now: tx.now, answer: JSON.stringify(answer), by: tx.actor }) ===
    undefined
  )
    throw refuseClosed(question)
  // Its claim may have lapsed during the wait, and the worker needs time to see the answer.
  renewClaim(tx, run.id)
  writeEvent(tx, 'question_answered', question.task_id, question.run_id, {
    question_id: id,
    ...(answer.option === null ? {} : { option: answer.option }),
    ...(answer.text === null ? {} : { text: firstLine(answer.text) }),
  })
  return { question: getQuestion(tx, id) }
}

/** @returns the error for a question that is no longer open */
export function refuseClosed({ id, answered_by, answered_at }: QuestionRow): OperationError {
  const how =
    answered_at === null
      ? 'was withdrawn'
      : `was answered by ${answered_by ?? 'a person'} at ${new Date(answered_at).toISOString()}`
  return new OperationError('CONFLICT', `Question ${id} ${how}. Nothing was changed.`, { question_id: id })
}

function lateAnswer(tx: WriteTx, question: QuestionRow, answer: Answer, run: RunRow): OperationError {
  keepLate(tx, run, { verb: 'answer', question_id: question.id, ...answer })
  const task = getTask(tx, question.task_id)
  const next =
    task.status === 'blocked'
      ? `The task is blocked: answer with “runboard unblock ${task.id} --answer …”.`
      : `Write it with “runboard comment ${task.id} …”: the next attempt reads comments.`
  return new OperationError(
    'STALE_RUN',
    `Attempt ${run.attempt} of task ${task.id}, which asked question ${question.id}, ${howOver(run)}; your answer is kept in its history and changes nothing. ${next}`,
    { question_id: question.id, run_id: run.id, outcome: run.outcome },
  )
}

/** @returns a question that the caller knows to exist */
function getQuestion(tx: WriteTx, id: number): QuestionRow {
  return required(tx.get(questions.byId, { id }))
}

function required<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('a row that was just written is gone')
  return row
}
