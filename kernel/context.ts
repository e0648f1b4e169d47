import type { Reader } from './db/connection.ts'
import type { CommentRow } from './tables/task-comments.ts'
import * as taskComments from './tables/task-comments.ts'
import * as taskEvents from './tables/task-events.ts'
import * as taskLinks from './tables/task-links.ts'
import type { RunRow } from './tables/task-runs.ts'
import * as taskRuns from './tables/task-runs.ts'
import type { TaskRow } from './tables/tasks.ts'
import * as tasks from './tables/tasks.ts'

/** How much of each part a worker is given, in bytes of UTF-8 or in numbers of things. */
export const CONTEXT_LIMITS = {
  body: 8 * 1024,
  field: 4 * 1024,
  comment: 2 * 1024,
  prior_attempts: 10,
  recent_work: 5,
  comments: 30,
} as const

/**
 * Cuts a text that is too long, and says so in words.
 *
 * @param limit in bytes of UTF-8
 */
export function cut(value: string, limit: number): string {
  const bytes = Buffer.byteLength(value)
  if (bytes <= limit) return value
  // Cutting bytes may split a character; the replacement character it leaves is taken off again.
  const kept = Buffer.from(value)
    .subarray(0, limit)
    .toString('utf8')
    .replace(/\ufffd+$/, '')
  return `${kept}\n[cut: ${bytes - Buffer.byteLength(kept)} more bytes are not shown]`
}

/** Everything that a reader may take for the end of a line (Unicode standard, section 5.8). */
const LINE_BREAKS = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/

/**
 * Frames text that is not the board's own, so that nothing in it can pass for a heading or an instruction of the board:
 * each line is quoted.
 */
function quote(value: string): string {
  return value
    .split(LINE_BREAKS)
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n')
}

/** A name within a line of the board's own: no line breaks, nothing that reads as markup. */
function plain(value: string): string {
  return value.replace(/[\s`#>*_]+/g, ' ').trim()
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function elapsed(run: RunRow): string {
  const seconds = ((run.ended_at ?? run.started_at) - run.started_at) / 1000
  return seconds < 120 ? `${seconds.toFixed(seconds < 10 ? 1 : 0)} s` : `${Math.round(seconds / 60)} min`
}

/**
 * The text that a worker is given: its task, what was tried before, what people answered, what the parents handed over,
 * and the talk about it. Each part is capped, and what is cut is said.
 *
 * @param mustReport whether its profile wants a report, so that the text says how to give one
 * @throws Error when there is no such task
 */
export function buildContext(reader: Reader, taskId: string, mustReport = false): string {
  const task = reader.get(tasks.byId, { id: taskId })
  if (task === undefined) throw new Error(`there is no task ${taskId}`)
  return [
    taskPart(task),
    priorAttemptsPart(reader, task),
    notesPart(reader, task),
    parentsPart(reader, task),
    recentWorkPart(reader, task),
    commentsPart(reader, task),
    mustReport ? REPORTING : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

/** How a worker ends its run. Where its tools include Runboard's over MCP, they do the same under the same names. */
const REPORTING = `## How to report

End with exactly one of these, by the command line or by the MCP tool of the same name:

- \`runboard complete --summary "what you did, and what the next one must know" --metadata '{"changed_files": [], "tests_run": []}'\`
- \`runboard request-review --summary "what a person should look at"\`
- \`runboard block --reason "one clear question"\` when you cannot go on without a person

In long work, say now and then how it goes: \`runboard heartbeat --note "…"\`. Ending without a report counts as a failure.`

function taskPart(task: TaskRow): string {
  const facts = [
    `Task: ${task.id}`,
    task.assignee === null ? '' : `Assigned to: ${task.assignee}`,
    task.tenant === null ? '' : `Tenant: ${plain(task.tenant)}`,
    `Workspace: ${task.workspace_kind}${task.workspace_path === null ? '' : ` at ${task.workspace_path}`}`,
    task.branch === null ? '' : `Branch: ${task.branch}`,
    task.max_runtime_seconds === null ? '' : `Time limit: ${task.max_runtime_seconds} s`,
    task.verify_command === null ? '' : `Checked before it counts as done by: ${plain(task.verify_command)}`,
  ].filter((line) => line !== '')
  const body = task.body === null ? '' : `\n\n## Body\n\n${cut(task.body, CONTEXT_LIMITS.body)}`
  return `# ${task.id}: ${task.title.replace(/\s+/g, ' ')}\n\n${facts.join('\n')}${body}`
}

function priorAttemptsPart(reader: Reader, task: TaskRow): string {
  const closed = reader.all(taskRuns.ofTask, { task_id: task.id }).filter((run) => run.ended_at !== null)
  if (closed.length === 0) return ''
  const shown = closed.slice(-CONTEXT_LIMITS.prior_attempts)
  const omitted = closed.length - shown.length
  const head = omitted === 0 ? '' : `[${omitted} earlier attempts are not shown]\n\n`
  return `## Prior attempts\n\n${head}${shown.map(attempt).join('\n\n')}`
}

function attempt(run: RunRow): string {
  const ended = run.ended_at === null ? '' : `, ended ${iso(run.ended_at)} after ${elapsed(run)}`
  const lines = [`### Attempt ${run.attempt}: ${run.outcome ?? 'open'} (${run.profile ?? 'nobody'}${ended})`]
  if (run.summary !== null) lines.push(`Summary:\n${quote(cut(run.summary, CONTEXT_LIMITS.field))}`)
  if (run.error !== null) lines.push(`Error:\n${quote(cut(run.error, CONTEXT_LIMITS.field))}`)
  if (run.metadata !== null) lines.push(`Metadata:\n${quote(cut(run.metadata, CONTEXT_LIMITS.field))}`)
  return lines.join('\n\n')
}

const NOTE_TITLES: Record<string, string> = {
  changes_requested: 'Changes were requested',
  unblocked: 'Answer to the block',
  retried: 'Note with the retry',
  reopened: 'Note with the reopening',
  approved: 'Note with the approval',
}

function notesPart(reader: Reader, task: TaskRow): string {
  const notes = reader.all(taskEvents.notesOf, { task_id: task.id }).flatMap((event) => {
    const payload = event.payload === null ? {} : (JSON.parse(event.payload) as Record<string, unknown>)
    const text = payload['note'] ?? payload['answer']
    if (typeof text !== 'string') return []
    const title = NOTE_TITLES[event.kind] ?? event.kind
    return [
      `### ${title} (${plain(event.actor)}, ${iso(event.created_at)})\n\n${quote(cut(text, CONTEXT_LIMITS.field))}`,
    ]
  })
  if (notes.length === 0) return ''
  const shown = notes.slice(-CONTEXT_LIMITS.prior_attempts)
  const head =
    notes.length > shown.length ? `[${notes.length - shown.length} earlier notes are not shown]\n\n` : ''
  return `## Review notes and answers\n\n${head}${shown.join('\n\n')}`
}

function parentsPart(reader: Reader, task: TaskRow): string {
  const parents = reader.all(taskLinks.parentsOf, { id: task.id })
  if (parents.length === 0) return ''
  const parts = parents.map((parent) => {
    const title = `### ${parent.id}: ${plain(parent.title)} (${parent.status}${unmergedWords(reader, parent.id)})`
    return `${title}\n\n${parentResult(reader, parent.id)}`
  })
  return `## Parent results\n\n${parts.join('\n\n')}`
}

/** What a worker has to know of a parent whose work is not where it will look for it. */
function unmergedWords(reader: Reader, id: string): string {
  const parent = reader.get(tasks.byId, { id })
  const isDone = parent?.status === 'done' || parent?.status === 'archived'
  if (!isDone || parent.merge_state !== 'not_merged') return ''
  const where = parent.branch === null ? 'its worktree' : `the branch ${parent.branch.replace(/[\s`]+/g, '')}`
  return `; its work is not merged, it is on ${where}`
}

function parentResult(reader: Reader, id: string): string {
  const parent = reader.get(tasks.byId, { id })
  const run =
    parent?.status === 'done' || parent?.status === 'archived' ? handoffOf(reader, parent) : undefined
  if (run?.summary == null && run?.metadata == null) {
    return parent?.result == null
      ? '[no result was handed over]'
      : quote(cut(parent.result, CONTEXT_LIMITS.field))
  }
  const lines: string[] = []
  if (run.summary !== null) lines.push(`Summary:\n${quote(cut(run.summary, CONTEXT_LIMITS.field))}`)
  if (run.metadata !== null) lines.push(`Metadata:\n${quote(cut(run.metadata, CONTEXT_LIMITS.field))}`)
  return lines.join('\n\n')
}

/** The run whose handoff stands for a finished task: the newest completed one, or one that was approved in review. */
function handoffOf(reader: Reader, task: TaskRow): RunRow | undefined {
  return reader.get(taskRuns.newestHandoff, { task_id: task.id })
}

function recentWorkPart(reader: Reader, task: TaskRow): string {
  if (task.assignee === null) return ''
  const rows = reader.all(taskRuns.recentCompletedOf, {
    profile: task.assignee,
    task_id: task.id,
    limit: CONTEXT_LIMITS.recent_work,
  })
  if (rows.length === 0) return ''
  const lines = rows.map((row) => {
    const summary = plain((row.summary ?? '').split('\n', 1)[0] ?? '').slice(0, 200)
    return `- ${row.task_id} ${plain(row.title).slice(0, 120)}${summary === '' ? '' : `: ${summary}`}`
  })
  return `## Recent work of ${task.assignee}\n\n${lines.join('\n')}`
}

function commentsPart(reader: Reader, task: TaskRow): string {
  const comments = reader.all(taskComments.ofTask, { task_id: task.id })
  if (comments.length === 0) return ''
  const shown = comments.slice(-CONTEXT_LIMITS.comments)
  const omitted = comments.length - shown.length
  const head = omitted === 0 ? '' : `[${omitted} earlier comments are not shown]\n\n`
  return `## Comments\n\n${head}${shown.map(framedComment).join('\n\n')}`
}

function framedComment(comment: CommentRow): string {
  return `Comment by ${plain(comment.author)} (${iso(comment.created_at)}):\n${quote(cut(comment.body, CONTEXT_LIMITS.comment))}`
}
