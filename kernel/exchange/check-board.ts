import { createHash } from 'node:crypto'
import {
  type BoardExport,
  type ExportedAttachment,
  isSatisfied,
  OperationError,
} from '../../contract/index.ts'
import { workflowProblems } from './check-workflows.ts'
import { safeFileName } from '../board/file-name.ts'
import { isOpen } from '../tables/questions.ts'

/** The most problems that are listed for an inconsistent board. */
const TOLD = 3

/**
 * Checks that the parts of a board are consistent: every reference has its target, attempts are numbered, open runs
 * and running tasks belong to each other, and no task waits for itself.
 *
 * @param source what the board was read from, for the error
 * @throws OperationError INVALID_INPUT
 */
export function checkBoard(board: BoardExport, source: string): void {
  const problems = [
    ...duplicates(board),
    ...danglingReferences(board),
    ...runProblems(board),
    ...cycleProblem(board),
    ...board.attachments.flatMap(attachmentProblems),
    ...workflowProblems(board),
    ...questionProblems(board),
    ...messageProblems(board),
  ]
  if (problems.length === 0) return
  const more = problems.length > TOLD ? `; and ${problems.length - TOLD} more` : ''
  throw new OperationError(
    'INVALID_INPUT',
    `${source} is not a consistent board: ${problems.slice(0, TOLD).join('; ')}${more}.`,
    { path: source },
  )
}

function repeated<T>(values: readonly T[]): T[] {
  const seen = new Set<T>()
  return values.filter((value) => seen.has(value) || (seen.add(value), false))
}

function pushTo<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

/** Its name becomes the name of a file, and its digest must be that of its content. */
function attachmentProblems({ id, name, size_bytes, sha256, content }: ExportedAttachment): string[] {
  if (safeFileName(name) !== name) return [`attachment ${id} has a name that no file can have`]
  if (content === null) return []
  const bytes = Buffer.from(content, 'base64')
  const fits = bytes.length === size_bytes && createHash('sha256').update(bytes).digest('hex') === sha256
  return fits ? [] : [`attachment ${id} is not the file that its digest says`]
}

function duplicates(board: BoardExport): string[] {
  const { tasks, runs, comments, attachments, events, links, views, messages, questions } = board
  const keys = tasks
    .filter((task) => task.status !== 'archived')
    .flatMap((task) => task.idempotency_key ?? [])
  return [
    ...repeated(tasks.map((task) => task.id)).map((id) => `there are two tasks ${id}`),
    ...repeated(runs.map((run) => run.id)).map((id) => `there are two runs ${id}`),
    ...repeated(comments.map((comment) => comment.id)).map((id) => `there are two comments ${id}`),
    ...repeated(attachments.map((file) => file.id)).map((id) => `there are two attachments ${id}`),
    ...repeated(events.map((event) => event.id)).map((id) => `there are two events ${id}`),
    ...repeated(messages.map((message) => message.id)).map((id) => `there are two messages ${id}`),
    ...repeated(questions.map((question) => question.id)).map((id) => `there are two questions ${id}`),
    ...repeated(links.map((link) => `${link.parent_id} → ${link.child_id}`)).map(
      (link) => `there are two links ${link}`,
    ),
    ...repeated(views.map((view) => view.name)).map((name) => `there are two views “${name}”`),
    ...repeated(keys).map((key) => `two tasks have the idempotency key “${key}”`),
  ]
}

function danglingReferences(board: BoardExport): string[] {
  const { tasks, runs, comments, attachments, events, links, messages, questions } = board
  const ids = new Set(tasks.map((task) => task.id))
  const taskOfRun = new Map(runs.map((run) => [run.id, run.task_id]))
  const unknownTask = (what: string, id: string | null) =>
    id === null || ids.has(id) ? [] : [`${what} refers to task ${id}, which does not exist`]
  const wrongRun = (what: string, run: number | null, task: string | null) =>
    run === null || taskOfRun.get(run) === task
      ? []
      : [`${what} refers to run ${run}, which belongs to another task`]
  return [
    ...tasks.flatMap((task) => [
      ...unknownTask(`task ${task.id}`, task.plan_of),
      ...unknownTask(`task ${task.id}`, task.workspace_of),
    ]),
    ...links.flatMap(({ parent_id, child_id }) => [
      ...unknownTask('a link', parent_id),
      ...unknownTask('a link', child_id),
    ]),
    ...runs.flatMap((run) => [
      ...unknownTask(`run ${run.id}`, run.task_id),
      ...wrongRun(`run ${run.id}`, run.resumed_from_run, run.task_id),
    ]),
    ...comments.flatMap((comment) => [
      ...unknownTask(`comment ${comment.id}`, comment.task_id),
      ...wrongRun(`comment ${comment.id}`, comment.run_id, comment.task_id),
    ]),
    ...attachments.flatMap((file) => [
      ...unknownTask(`attachment ${file.id}`, file.task_id),
      ...wrongRun(`attachment ${file.id}`, file.run_id, file.task_id),
    ]),
    ...events.flatMap((event) => [
      ...unknownTask(`event ${event.id}`, event.task_id),
      ...wrongRun(`event ${event.id}`, event.run_id, event.task_id),
    ]),
    ...messages.flatMap((message) => [
      ...unknownTask(`message ${message.id}`, message.task_id),
      ...wrongRun(`message ${message.id}`, message.run_id, message.task_id),
    ]),
    ...questions.flatMap(({ id, run_id }) =>
      taskOfRun.has(run_id) ? [] : [`question ${id} refers to run ${run_id}, which does not exist`],
    ),
  ]
}

function runProblems({ tasks, runs }: BoardExport): string[] {
  const attempts = new Map<string, number[]>()
  for (const run of runs) pushTo(attempts, run.task_id, run.attempt)
  const open = new Map(runs.filter((run) => run.ended_at === null).map((run) => [run.id, run.task_id]))
  const pointers = new Set(tasks.flatMap((task) => task.current_run_id ?? []))
  return [
    ...[...attempts].flatMap(([id, numbers]) =>
      numbers.sort((a, b) => a - b).every((number, index) => number === index + 1)
        ? []
        : [`the attempts of task ${id} are not numbered from 1 without gaps`],
    ),
    ...tasks.flatMap((task) =>
      (task.status === 'running') === (task.current_run_id !== null) &&
      (task.current_run_id === null || open.get(task.current_run_id) === task.id)
        ? []
        : [`task ${task.id} is ${task.status} and its current run does not fit that`],
    ),
    ...[...open.keys()]
      .filter((id) => !pointers.has(id))
      .map((id) => `run ${id} is open, but no task is running it`),
  ]
}

/** A delivered message has its run. */
function messageProblems({ messages }: BoardExport): string[] {
  return messages.flatMap(({ id, run_id, delivered_at, delivered_how }) => {
    const isWhole = (delivered_at === null) === (delivered_how === null)
    return isWhole && (delivered_at === null || run_id !== null) ? [] : [`message ${id} is not consistent`]
  })
}

/** An open question must have an open run, and a question is open, answered or withdrawn. */
function questionProblems({ questions, runs }: BoardExport): string[] {
  const over = new Set(runs.flatMap((run) => (run.ended_at === null ? [] : [run.id])))
  return questions.flatMap((question) => {
    const { id, run_id, kind, input, answer, answered_at, answered_by, withdrawn_at, withdrawn_why } =
      question
    if (isOpen(question) && over.has(run_id)) return [`question ${id} is open, but its run is over`]
    const isWhole =
      (answered_at === null) === (answer === null) &&
      (answered_at === null) === (answered_by === null) &&
      (withdrawn_at === null) === (withdrawn_why === null) &&
      (answered_at === null || withdrawn_at === null) &&
      (kind !== 'form' || input !== null)
    return isWhole ? [] : [`question ${id} is neither open, answered nor withdrawn`]
  })
}

/** @returns the ids of tasks in or behind a cycle of links */
function tasksInCircles(links: readonly { parent_id: string; child_id: string }[]): Set<string> {
  const waitsFor = new Map<string, number>()
  const children = new Map<string, string[]>()
  for (const { parent_id, child_id } of links) {
    waitsFor.set(child_id, (waitsFor.get(child_id) ?? 0) + 1)
    if (!waitsFor.has(parent_id)) waitsFor.set(parent_id, 0)
    pushTo(children, parent_id, child_id)
  }
  const free = [...waitsFor].flatMap(([id, count]) => (count === 0 ? [id] : []))
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    waitsFor.delete(id)
    for (const child of children.get(id) ?? []) {
      const left = (waitsFor.get(child) ?? 1) - 1
      waitsFor.set(child, left)
      if (left === 0) free.push(child)
    }
  }
  return new Set(waitsFor.keys())
}

function cycleProblem({ links }: BoardExport): string[] {
  const circle = [...tasksInCircles(links)]
  return circle.length === 0 ? [] : [`its links form a cycle (${circle.slice(0, 5).join(', ')})`]
}

/**
 * Moves every task that could run to its proper status: ready, or todo while a parent is open.
 *
 * @returns a sentence for each task that was moved
 */
export function settleReadiness(board: BoardExport): string[] {
  const status = new Map(board.tasks.map((task) => [task.id, task.status]))
  const waiting = new Set(
    board.links.flatMap(({ parent_id, child_id }) =>
      isSatisfied(status.get(parent_id) ?? 'done') ? [] : [child_id],
    ),
  )
  return board.tasks.flatMap((task) => {
    if (task.status !== 'todo' && task.status !== 'ready') return []
    const belongs = waiting.has(task.id) ? 'todo' : 'ready'
    if (belongs === task.status) return []
    const was = task.status
    task.status = belongs
    task.ready_at = belongs === 'ready' ? task.updated_at : null
    task.retry_at = belongs === 'ready' ? task.retry_at : null
    return [`Task ${task.id} was ${was} and is now ${belongs}, because of its parents.`]
  })
}
