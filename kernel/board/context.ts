import { hasEnded, isUnmerged } from '../../contract/index.ts'
import {
  CONTEXT_COUNTS,
  contextLimits,
  type ContextLimits,
  type ContextWay,
} from '../../formats/context-limits.ts'
import { itemPart } from './item-context.ts'
import { answersPart } from './question-context.ts'
import { changesSince, continuePart, type Since, sinceRun, stepChanges } from './resume-context.ts'
import { stepParts, verdictFlag } from './step-context.ts'
import { shownOutcome, shownOutcomeName } from '../../formats/shown-outcome.ts'
import { duration } from '../../formats/time.ts'
import { frameBody, inline, oneLine, plain, quote } from './context-frame.ts'
import type { Reader } from '../db/connection.ts'
import type { CommentRow } from '../tables/task-comments.ts'
import * as messages from '../tables/messages.ts'
import type { MessageRow } from '../tables/messages.ts'
import * as taskAttachments from '../tables/task-attachments.ts'
import type { AttachmentRow } from '../tables/task-attachments.ts'
import * as taskComments from '../tables/task-comments.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskLinks from '../tables/task-links.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as runHistory from '../tables/run-history.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as tasks from '../tables/tasks.ts'

function iso(at: number): string {
  return new Date(at).toISOString()
}

function elapsed(run: RunRow): string {
  return duration((run.ended_at ?? run.started_at) - run.started_at)
}

/** The reader of the text, and how it is given. */
export interface ContextReader {
  /** Its profile requires a report, so the text says how to report. */
  mustReport?: boolean
  way?: ContextWay
  platform?: NodeJS.Platform
  /** Where the file of an attachment is; without it, only names are listed. */
  filePath?: (file: AttachmentRow) => string
  /** The run whose session the reader continues: the text then has only what has changed since that run. */
  resumesFrom?: RunRow
}

/** Parts are not shrunk below this size to make space for others. */
const LEAST_BYTES = 200

export interface Context {
  text: string
  /** The messages of people that the text has, by their ids. */
  message_ids: number[]
}

/**
 * The text that a worker is given: its task, earlier attempts, people's answers and messages, the results of its parents, and
 * the comments. Each part is capped, and so is the whole; a cut is marked, with the command that prints the whole.
 *
 * @throws Error if the task does not exist
 */
export function buildContext(reader: Reader, taskId: string, to: ContextReader = {}): Context {
  const task = reader.get(tasks.byId, { id: taskId })
  if (task === undefined) throw new Error(`there is no task ${taskId}`)
  const most = contextLimits(to.way ?? 'file', to.platform ?? process.platform)
  const end = to.mustReport === true ? `\n\n${reporting(verdictFlag(reader, task))}\n` : '\n'
  const room = most.total - Buffer.byteLength(end)
  const since = to.resumesFrom === undefined ? null : sinceRun(reader, to.resumesFrom)
  const message_ids = messagesFor(reader, task).shown.map(({ id }) => id)
  let limits = most
  for (;;) {
    const text =
      since === null ? textWithin(reader, task, limits, to) : changesWithin(reader, task, limits, to, since)
    const excess = Buffer.byteLength(text) - room
    if (excess <= 0) return { text: text + end, message_ids }
    const smaller = lessThan(limits, excess)
    // The cut may have removed messages, so all of them stay for the next attempt.
    if (smaller === null) return { text: `${cutLines(text, room, taskId)}${end}`, message_ids: [] }
    limits = smaller
  }
}

/** Text about a task is cut before the task itself. */
function lessThan(limits: ContextLimits, excess: number): ContextLimits | null {
  if (limits.field > LEAST_BYTES || limits.comment > LEAST_BYTES) {
    const half = (bytes: number) => Math.max(LEAST_BYTES, Math.floor(bytes / 2))
    return { ...limits, field: half(limits.field), comment: half(limits.comment) }
  }
  const body = Math.max(LEAST_BYTES, limits.body - excess - 200)
  return body < limits.body ? { ...limits, body } : null
}

/** For hundreds of parents or notes: keeps whole lines, so that no frame is cut in the middle. */
function cutLines(text: string, room: number, taskId: string): string {
  const marker = `\n[cut: more parts are not shown; \`runboard show ${taskId} --json\` prints all of them]`
  const kept = Buffer.from(text)
    .subarray(0, Math.max(0, room - marker.length))
    .toString('utf8')
  return kept.slice(0, kept.lastIndexOf('\n')) + marker
}

function textWithin(reader: Reader, task: TaskRow, limits: ContextLimits, to: ContextReader): string {
  return joined([
    ...stepParts(reader, task, limits),
    itemPart(reader, task, limits),
    taskPart(task, limits),
    attachmentsPart(reader, task, to),
    priorAttemptsPart(reader, task, limits),
    notesPart(reader, task, limits),
    answersPart(reader, task, limits),
    takenMessagesPart(reader, task, limits),
    messagesPart(reader, task, limits),
    parentsPart(reader, task, limits, to),
    recentWorkPart(reader, task),
    commentsPart(reader, task, limits),
  ])
}

/** The parts of the text that the session of the earlier run does not have yet. */
function changesWithin(
  reader: Reader,
  task: TaskRow,
  limits: ContextLimits,
  to: ContextReader,
  since: Since,
): string {
  const changes = changesSince(reader, task, since)
  return joined([
    continuePart(task, since),
    ...stepChanges(reader, task, limits, since),
    changes.task ? taskPart(task, limits) : '',
    attachmentsPart(reader, task, to, since),
    priorAttemptsPart(reader, task, limits, since),
    notesPart(reader, task, limits, since),
    answersPart(reader, task, limits, since.run.attempt),
    takenMessagesPart(reader, task, limits, since),
    messagesPart(reader, task, limits),
    changes.parents ? parentsPart(reader, task, limits, to) : '',
    commentsPart(reader, task, limits, since),
  ])
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n')
}

/** How a worker ends its run. Runboard's MCP tools do the same under the same names. */
const reporting = (verdict: string) => `## How to report

End with exactly one of these, by the command line or by the MCP tool of the same name:

- \`runboard complete${verdict} --summary "what you did, and what the next one must know" --metadata '{"changed_files": [], "tests_run": []}'\`
- \`runboard request-review --summary "what a person should look at"\`
- \`runboard block --reason "one clear question"\` when you need a person to continue

If you can continue once a person has answered, ask: \`runboard ask "one clear question" --option yes --option no\` waits for the answer and prints it.

In long work, say now and then how it goes: \`runboard heartbeat --note "…"\`. Ending without a report counts as a failure.`

function taskPart(task: TaskRow, limits: ContextLimits): string {
  const facts = [
    `Task: ${task.id}`,
    task.assignee === null ? '' : `Assigned to: ${plain(task.assignee)}`,
    task.tenant === null ? '' : `Tenant: ${plain(task.tenant)}`,
    `Workspace: ${task.workspace_kind}${task.workspace_path === null ? '' : ` at ${inline(task.workspace_path)}`}`,
    task.branch === null ? '' : `Branch: ${inline(task.branch)}`,
    task.max_runtime_seconds === null ? '' : `Time limit: ${task.max_runtime_seconds} s`,
    task.verify_command === null ? '' : `Checked before it counts as done by: ${inline(task.verify_command)}`,
  ].filter((line) => line !== '')
  const body =
    task.body === null
      ? ''
      : `\n\n## Body\n\n${frameBody(task.body, limits.body, `runboard show ${task.id}`)}`
  return `# ${task.id}: ${oneLine(task.title)}\n\n${facts.join('\n')}${body}`
}

function attachmentsPart(reader: Reader, task: TaskRow, to: ContextReader, since?: Since): string {
  const files = fileLines(reader, task.id, to, since)
  return files === '' ? '' : `## Attachments\n\n${files}`
}

/** One line for each file of a task: where it is, its type and size. */
function fileLines(reader: Reader, taskId: string, { filePath }: ContextReader, since?: Since): string {
  return reader
    .all(taskAttachments.ofTask, { task_id: taskId })
    .filter((file) => isNew(file, since))
    .map((file) => {
      const where = inline(filePath?.(file) ?? file.name)
      return `- ${where} (${file.media_type}, ${file.size_bytes} bytes${file.run_id === null ? '' : ', handed over by a run'})`
    })
    .join('\n')
}

/** Whether a comment or file is new to the session: added after its run was claimed, and not by that run. */
function isNew({ created_at, run_id }: Pick<CommentRow, 'created_at' | 'run_id'>, since?: Since): boolean {
  return since === undefined || (created_at >= since.run.started_at && run_id !== since.run.id)
}

function priorAttemptsPart(reader: Reader, task: TaskRow, limits: ContextLimits, since?: Since): string {
  const closed = reader
    .all(taskRuns.ofTask, { task_id: task.id })
    .filter((run) => run.ended_at !== null && run.attempt >= (since?.run.attempt ?? 0))
  if (closed.length === 0) return ''
  const shown = closed.slice(-CONTEXT_COUNTS.prior_attempts)
  const omitted = closed.length - shown.length
  const head =
    omitted === 0
      ? ''
      : `[${omitted} earlier attempts are not shown; \`runboard runs ${task.id}\` prints them]\n\n`
  const title = since === undefined ? 'Prior attempts' : 'How it ended'
  return `## ${title}\n\n${head}${shown.map((run) => attempt(run, limits)).join('\n\n')}`
}

function attempt(run: RunRow, { field }: ContextLimits): string {
  const whole = `runboard run ${run.id}`
  const ended = run.ended_at === null ? '' : `, ended ${iso(run.ended_at)} after ${elapsed(run)}`
  const lines = [`### Attempt ${run.attempt}: ${outcomeOf(run)} (${plain(run.profile ?? 'nobody')}${ended})`]
  if (run.summary !== null) lines.push(`Summary:\n${quote(run.summary, field, whole)}`)
  if (run.error !== null) lines.push(`Error:\n${quote(run.error, field, whole)}`)
  if (run.metadata !== null) lines.push(`Metadata:\n${quote(run.metadata, field, whole)}`)
  return lines.join('\n\n')
}

function outcomeOf(run: RunRow): string {
  const outcome = shownOutcome(run)
  return outcome === null ? 'open' : shownOutcomeName(outcome)
}

const NOTE_TITLES: Record<string, string> = {
  changes_requested: 'Changes were requested',
  unblocked: 'Answer to the block',
  retried: 'Note with the retry',
  reopened: 'Note with the reopening',
  approved: 'Note with the approval',
}

function notesPart(reader: Reader, task: TaskRow, { field }: ContextLimits, since?: Since): string {
  const notes = reader.all(taskEvents.notesOf, { task_id: task.id }).flatMap((event) => {
    if (event.id <= (since?.event_id ?? 0)) return []
    const payload = event.payload === null ? {} : (JSON.parse(event.payload) as Record<string, unknown>)
    const text = payload['note'] ?? payload['answer']
    if (typeof text !== 'string') return []
    const title = NOTE_TITLES[event.kind] ?? event.kind
    return [
      `### ${title} (${plain(event.actor)}, ${iso(event.created_at)})\n\n${quote(text, field, `runboard show ${task.id} --json`)}`,
    ]
  })
  if (notes.length === 0) return ''
  const shown = notes.slice(-CONTEXT_COUNTS.prior_attempts)
  const head =
    notes.length > shown.length
      ? `[${notes.length - shown.length} earlier notes are not shown; \`runboard show ${task.id} --json\` prints them]\n\n`
      : ''
  return `## Review notes and answers\n\n${head}${shown.join('\n\n')}`
}

/** The messages of people that no attempt has taken: sent to an attempt that could not take them, or while none ran. */
function messagesFor(
  reader: Reader,
  { current_run_id: open_run_id, id: task_id }: TaskRow,
): { shown: MessageRow[]; is_cut: boolean } {
  const limit = CONTEXT_COUNTS.comments
  const newest = reader.all(messages.forContext, { task_id, open_run_id, limit: limit + 1 })
  return { shown: newest.slice(0, limit).reverse(), is_cut: newest.length > limit }
}

function messagesPart(reader: Reader, task: TaskRow, limits: ContextLimits): string {
  const { is_cut, shown } = messagesFor(reader, task)
  if (shown.length === 0) return ''
  return `## Messages that no attempt has read yet\n\n${messageList(task, shown, is_cut, limits)}`
}

/**
 * What people said to earlier attempts, for a fresh session, which does not have it. A session that continues after a kill
 * may lack what the killed attempt had just read: an agent writes down its session some time later.
 */
function takenMessagesPart(reader: Reader, task: TaskRow, limits: ContextLimits, since?: Since): string {
  if (since !== undefined && hasReported(since.run)) return ''
  const limit = CONTEXT_COUNTS.comments
  const { current_run_id: open_run_id, id: task_id } = task
  const taken = reader.all(messages.takenBefore, { task_id, open_run_id, limit: limit + 1 })
  const newest = taken.filter(({ run_id }) => since === undefined || run_id === since.run.id)
  if (newest.length === 0) return ''
  const list = messageList(task, newest.slice(0, limit).reverse(), newest.length > limit, limits)
  return `## Messages to earlier attempts\n\n${list}`
}

/** Whether the worker ended its run itself: then its session has all that it read. */
function hasReported({ outcome }: RunRow): boolean {
  return outcome === 'completed' || outcome === 'review_requested' || outcome === 'blocked'
}

function messageList(
  { id }: TaskRow,
  shown: readonly (MessageRow & { attempt?: number })[],
  isCut: boolean,
  { field }: ContextLimits,
): string {
  const more = `runboard messages ${id}`
  const head = isCut ? `[earlier messages are not shown; \`${more}\` prints them]\n\n` : ''
  const parts = shown.map(({ attempt, body, told_by, told_at }) => {
    const reader = attempt === undefined ? '' : `, read by attempt ${attempt}`
    return `Message of ${plain(told_by)} (${iso(told_at)}${reader}):\n${quote(body, field, more)}`
  })
  return head + parts.join('\n\n')
}

function parentsPart(reader: Reader, task: TaskRow, limits: ContextLimits, to: ContextReader): string {
  const parents = reader.all(taskLinks.parentsOf, { id: task.id })
  if (parents.length === 0) return ''
  const parts = parents.map((parent) => {
    const title = `### ${parent.id}: ${plain(parent.title)} (${parent.status}${unmergedWords(reader, parent.id)})`
    const files = fileLines(reader, parent.id, to)
    const result = parentResult(reader, parent.id, limits)
    return [title, result, ...(files === '' ? [] : [`Files:\n${files}`])].join('\n\n')
  })
  return `## Parent results\n\n${parts.join('\n\n')}`
}

/** What a worker has to know about a parent whose work is missing from its workspace. */
function unmergedWords(reader: Reader, id: string): string {
  const parent = reader.get(tasks.byId, { id })
  if (parent === undefined || !isUnmerged(parent)) return ''
  const where = parent.branch === null ? 'its worktree' : `the branch ${inline(parent.branch)}`
  return `; its work is not merged, it is on ${where}`
}

function parentResult(reader: Reader, id: string, { field }: ContextLimits): string {
  const parent = reader.get(tasks.byId, { id })
  const run = parent !== undefined && hasEnded(parent) ? handoffOf(reader, parent) : undefined
  if (run?.summary == null && run?.metadata == null) {
    return parent?.result == null
      ? '[no result was handed over]'
      : quote(parent.result, field, `runboard show ${id}`)
  }
  const whole = `runboard run ${run.id}`
  const lines: string[] = []
  if (run.summary !== null) lines.push(`Summary:\n${quote(run.summary, field, whole)}`)
  if (run.metadata !== null) lines.push(`Metadata:\n${quote(run.metadata, field, whole)}`)
  return lines.join('\n\n')
}

/** The run whose handoff represents a finished task: the newest completed one, or one approved in review. */
function handoffOf(reader: Reader, task: TaskRow): RunRow | undefined {
  return reader.get(runHistory.newestHandoff, { task_id: task.id })
}

function recentWorkPart(reader: Reader, task: TaskRow): string {
  if (task.assignee === null) return ''
  const rows = reader.all(runHistory.recentCompletedOf, {
    profile: task.assignee,
    task_id: task.id,
    limit: CONTEXT_COUNTS.recent_work,
  })
  if (rows.length === 0) return ''
  const lines = rows.map((row) => {
    const summary = plain((row.summary ?? '').split('\n', 1)[0] ?? '').slice(0, 200)
    return `- ${row.task_id} ${plain(row.title).slice(0, 120)}${summary === '' ? '' : `: ${summary}`}`
  })
  return `## Recent work of ${plain(task.assignee)}\n\n${lines.join('\n')}`
}

function commentsPart(reader: Reader, task: TaskRow, limits: ContextLimits, since?: Since): string {
  const comments = reader
    .all(taskComments.ofTask, { task_id: task.id })
    .filter((comment) => isNew(comment, since))
  if (comments.length === 0) return ''
  const shown = comments.slice(-CONTEXT_COUNTS.comments)
  const omitted = comments.length - shown.length
  const head =
    omitted === 0
      ? ''
      : `[${omitted} earlier comments are not shown; \`runboard show ${task.id}\` prints them]\n\n`
  return `## Comments\n\n${head}${shown.map((comment) => framedComment(comment, limits)).join('\n\n')}`
}

function framedComment(comment: CommentRow, limits: ContextLimits): string {
  const text = quote(comment.body, limits.comment, `runboard show ${comment.task_id}`)
  return `Comment by ${plain(comment.author)} (${iso(comment.created_at)}):\n${text}`
}
