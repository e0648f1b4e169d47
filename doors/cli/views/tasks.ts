import { count } from '../../../formats/count.ts'
import {
  type Card,
  type Comment,
  isUnmerged,
  type Run,
  type Task,
  type TaskDetail,
  type Why,
} from '../../../contract/index.ts'
import { changedFilesWords, newestSeenFiles } from '../../../formats/changed-files.ts'
import { attachmentLine } from './attachments.ts'
import { eventLine } from './events.ts'
import { fields, section } from './fields.ts'
import { outcomeText, paintStatus } from './paint.ts'
import type { Printer } from './printer.ts'
import { omittedLine, runLines, runSentence } from './runs.ts'
import { table } from './table.ts'
import { indent, oneLine, visible } from './text.ts'
import { itemLine } from './workflows.ts'
import { age, duration, relative, seconds, when } from './time.ts'

const LAST_EVENTS = 15

/** What a card should say beside its columns, on one line. */
function noteOf(card: Card, now: number): string {
  if (card.status === 'running') {
    const since = card.run_started_at === null ? '' : duration(now - card.run_started_at)
    return [`attempt ${String(card.attempt_count)}`, since, card.run_heartbeat_note ?? '']
      .filter((part) => part !== '')
      .join(', ')
  }
  const unmerged = isUnmerged(card) ? 'not merged' : ''
  const said = card.why?.sentence ?? card.block_reason ?? card.latest_summary ?? ''
  return [unmerged, said].filter((part) => part !== '').join(': ')
}

export function printCards(
  { tasks, omitted }: { tasks: Card[]; omitted?: { sentence: string } | undefined },
  printer: Printer,
): string {
  if (tasks.length === 0) return 'No tasks.\n'
  const { paint, width, now } = printer
  const rows = table(
    tasks,
    [
      { header: 'ID', text: (card) => card.id },
      { header: 'STATUS', text: (card) => card.status, paint: (_, card) => paintStatus(paint, card.status) },
      { header: 'PRI', text: (card) => (card.priority === 0 ? '' : String(card.priority)), right: true },
      { header: 'PROFILE', text: (card) => card.assignee ?? '' },
      { header: 'TENANT', text: (card) => card.tenant ?? '', drop: 4 },
      {
        header: 'RUNS',
        text: (card) => (card.attempt_count === 0 ? '' : String(card.attempt_count)),
        right: true,
        drop: 2,
      },
      {
        header: 'LAST',
        text: (card) => (card.last_outcome === null ? '' : outcomeText(card.last_shown_outcome)),
        drop: 5,
      },
      { header: 'AGE', text: (card) => age(card.created_at, now), right: true, drop: 3 },
      { header: 'TITLE', text: (card) => card.title, least: 24 },
      { header: 'NOTE', text: (card) => noteOf(card, now), paint: paint.dim, least: 20, drop: 1 },
    ],
    width,
    paint.dim,
  )
  return omitted === undefined ? rows : `${rows}\n${paint.dim(visible(omitted.sentence))}\n`
}

/** Whether the work is merged, and how to merge it. */
function mergeWords(task: Task, { now }: Printer): string | null {
  const { merge_state, merged_at, merged_by, merged_commit, merged_into } = task
  const merged = [
    'merged',
    merged_commit === null ? '' : `as ${merged_commit.slice(0, 9)}`,
    merged_into === null ? '' : `into ${visible(merged_into)}`,
    merged_by === null ? '' : `by ${visible(merged_by)}`,
    merged_at === null ? '' : relative(merged_at, now),
  ]
  const sentence = merged.filter((part) => part !== '').join(' ')
  if (merge_state === 'merged') return sentence
  if (merge_state === 'nothing') return 'nothing to merge'
  const newer = merged_at === null ? '' : ` (${sentence}; this is newer work)`
  return merge_state === null ? null : `not merged${newer}: runboard merge ${task.id}`
}

function gateFields(task: Task, now: number): [string, string | null][] {
  return [
    ['held', task.held ? visible(task.held_reason ?? 'yes') : null],
    ['not before', task.not_before_at === null ? null : when(task.not_before_at, now)],
    ['retries', task.retry_at === null ? null : when(task.retry_at, now)],
    ['blocked', task.block_kind === null ? null : `${task.block_kind}: ${visible(task.block_reason ?? '')}`],
    ['failures', task.consecutive_failures === 0 ? null : `${String(task.consecutive_failures)} in a row`],
  ]
}

function taskFields(
  { item_of, links, runs, task, unmerged_parents, why }: TaskDetail,
  printer: Printer,
): string {
  const { now } = printer
  const workspace = [task.workspace_kind, task.workspace_path ?? '', task.branch ?? ''].filter(
    (part) => part !== '',
  )
  return fields(
    [
      ['profile', task.assignee ?? 'nobody'],
      ['priority', task.priority === 0 ? null : String(task.priority)],
      ['tenant', visible(task.tenant ?? '')],
      ['created', `${relative(task.created_at, now)} by ${visible(task.created_by)}`],
      ['started', task.started_at === null ? null : when(task.started_at, now)],
      ['completed', task.completed_at === null ? null : when(task.completed_at, now)],
      ...gateFields(task, now),
      ['blocked by', links.parents.join(', ')],
      ['blocks', links.children.join(', ')],
      ['project', visible(task.project_dir ?? '')],
      ['workspace', visible(workspace.join(' '))],
      ['work', mergeWords(task, printer)],
      ['changes', changedFilesWords(newestSeenFiles(runs))],
      ['not merged', unmerged_parents.length === 0 ? null : unmergedParents(unmerged_parents)],
      ['model', visible(task.model ?? '')],
      ['skills', visible(task.skills.join(', '))],
      ['labels', visible(task.labels.join(', '))],
      ['due', task.due_at === null ? null : when(task.due_at, now)],
      ['max runtime', task.max_runtime_seconds === null ? null : seconds(task.max_runtime_seconds)],
      ['max retries', task.max_retries === null ? null : String(task.max_retries)],
      ['verify', visible(task.verify_command ?? '')],
      ['workflow', visible([task.workflow_template_id, task.current_step_key].filter(Boolean).join(' / '))],
      [
        'item of',
        item_of === undefined
          ? null
          : visible(`${item_of.task_id} “${item_of.title}”, item “${item_of.key}”`),
      ],
      ['key', visible(task.idempotency_key ?? '')],
      ['why', why === null ? null : whyLine(why, printer)],
    ],
    printer,
  )
}

function unmergedParents(ids: readonly string[]): string {
  return `the work of ${ids.join(', ')}, which it waited for`
}

function commentText(comment: Comment, { paint, now }: Printer): string {
  const head = `${paint.bold(oneLine(comment.author))}, ${relative(comment.created_at, now)}`
  return `  ${head}\n${indent(visible(comment.body), 4)}\n`
}

export function printDetail(detail: TaskDetail, printer: Printer): string {
  const { task, attachments, comments, items = [], runs, events } = detail
  const { paint } = printer
  const status = paintStatus(paint, task.status)
  const newest = events.slice(-LAST_EVENTS)
  const earlier = events.length - newest.length
  return [
    `${paint.bold(task.id)}  ${status}  ${paint.bold(oneLine(task.title))}\n`,
    taskFields(detail, printer),
    section('Text', indent(visible(task.body ?? ''), 2), printer),
    section('Result', indent(visible(task.result ?? ''), 2), printer),
    section('Items', items.map((item) => `${itemLine(item)}\n`).join(''), printer),
    section('Runs', indent(runLines(runs, printer), 2), printer),
    section(
      'Attachments',
      attachments.map((file) => indent(`${attachmentLine(file, printer)}\n`, 2)).join(''),
      printer,
    ),
    section('Comments', comments.map((comment) => commentText(comment, printer)).join(''), printer),
    section(
      earlier > 0 ? `Events (${String(earlier)} earlier ones: --json)` : 'Events',
      newest.map((event) => indent(eventLine(event, printer), 2)).join(''),
      printer,
    ),
    omittedLine(detail, printer),
  ].join('')
}

function whyLine(why: NonNullable<Why>, { paint, now }: Printer): string {
  const clears = why.clears_at === null ? '' : ` ${paint.dim(`(${when(why.clears_at, now)})`)}`
  const action = why.action === null ? '' : `  ${paint.cyan(actionOf(why.action))}`
  return `${visible(why.sentence)}${clears}${action}`
}

/** The kernel returns the verb; the user types the program's name before it. */
function actionOf(action: string): string {
  const plain = visible(action)
  return plain.startsWith('runboard ') ? plain : `runboard ${plain}`
}

export function printWhy({ why, notes }: { why: Why; notes: string[] }, printer: Printer): string {
  const said = notes.map((note) => `${visible(note)}\n`).join('')
  if (why === null) return `Nothing blocks it.\n${said}`
  const { paint, now } = printer
  const lines = [
    visible(why.sentence),
    why.clears_at === null ? '' : paint.dim(`Clears by itself ${when(why.clears_at, now)}.`),
    why.action === null ? '' : `→ ${paint.cyan(actionOf(why.action))}`,
  ]
  return `${lines.filter((line) => line !== '').join('\n')}\n${said}`
}

interface TaskAnswer {
  task?: Task | null
  run?: Run
  deleted?: true
  id?: string
  /** The task whose run plans this one. */
  planner?: Task
  /** Ids of tasks that can start now. */
  released?: string[]
}

/** The new state of a task: one line, and one each for the run or the tasks that changed with it. */
export function printTask(answer: TaskAnswer, printer: Printer): string {
  const { task, run, planner, released = [] } = answer
  if (task === undefined || task === null) return `${answer.id ?? ''}  deleted\n`
  const also = [
    run === undefined ? '' : runSentence(run, printer),
    planner === undefined ? '' : `planned by ${planner.id}`,
    released.length === 0 ? '' : `released ${released.join(', ')}`,
    isUnmerged(task) ? notMergedSentence(task) : '',
  ]
  const lines = [taskLine(task, printer), ...also.filter((line) => line !== '').map((line) => `  ${line}`)]
  return `${lines.join('\n')}\n`
}

/** Printed for a finished task, so that approved work is not mistaken for merged work. */
function notMergedSentence({ id, branch }: Task): string {
  const where = branch === null ? 'in its worktree' : `on the branch ${visible(branch)}`
  return `Its work is not merged: it is ${where}. To merge it: runboard merge ${id}`
}

function taskLine(task: Task, { paint }: Printer): string {
  const held = task.held ? ' (held)' : ''
  return `${task.id}  ${paintStatus(paint, task.status)}${held}  ${oneLine(task.title)}`
}

export function printId({ task }: { task: Task }): string {
  return `${task.id}\n`
}

export function printComment({ comment }: { comment: Comment }): string {
  return `comment ${String(comment.id)} on ${comment.task_id}\n`
}

export function printLink(
  answer: { parent_id: string; child_id: string; changed: boolean; child: Task },
  printer: Printer,
): string {
  const removed = printer.verb[0]?.startsWith('un') === true
  const already = answer.changed ? '' : removed ? ' (it was not before)' : ' (it was already)'
  const sentence = removed ? 'is no longer blocked by' : 'is blocked by'
  const status = paintStatus(printer.paint, answer.child.status)
  return `${answer.child_id} ${sentence} ${answer.parent_id}${already}; it is ${status}\n`
}

/** What a worker reads: unchanged for another program, made safe for a terminal. */
export function printContext({ context }: { context: string }, printer: Printer): string {
  const text = printer.terminal ? visible(context) : context
  return text.endsWith('\n') ? text : `${text}\n`
}

export function printDispatch(
  answer: {
    claimed: { task_id: string; run_id: number | null; profile: string }[]
    skipped: { task_id: string; sentence: string }[]
    dry_run: boolean
  },
  { paint, width, terminal }: Printer,
): string {
  const claimed = answer.claimed.map(
    ({ task_id, run_id, profile }) =>
      `  ${task_id}  ${paint.green(profile)}${run_id === null ? '' : `  run ${String(run_id)}`}\n`,
  )
  const skipped = table(
    answer.skipped,
    [
      { header: 'skipped', text: ({ task_id }) => task_id },
      { header: '', text: ({ sentence }) => sentence, least: 12 },
    ],
    terminal ? width - 2 : width,
    paint.dim,
  )
  const tasks = new Set(answer.claimed.map(({ task_id }) => task_id)).size
  const runs = tasks === answer.claimed.length ? '' : ` in ${count(answer.claimed.length, 'run')}`
  const verb = answer.dry_run ? 'Would claim' : 'Claimed'
  const head = `${verb} ${count(tasks, 'task')}${runs}, skipped ${String(answer.skipped.length)}.\n`
  const rest = answer.skipped.length === 0 ? '' : indent(skipped.split('\n').slice(1).join('\n'), 2)
  return head + claimed.join('') + rest
}
