import type { BoardEvent } from '../../contract/index.ts'
import { FAILURE_EVENT_KINDS } from '../../contract/events.ts'
import { count } from '../../formats/count.ts'
import { duration } from '../shared/time.ts'
import { brief } from './run-words.ts'
import { label, outcomeTone, type Tone, words } from '../shared/tones.ts'
import { RUN_OUTCOMES } from '../../contract/states.ts'
import { priorityName } from '../../formats/priority.ts'

type Payload = Readonly<Record<string, unknown>>

/** One line in a list of events: an event, or consecutive heartbeats as one. */
export interface EventLine {
  key: number
  at: number
  /** For folded heartbeats: the time of the last one. */
  until: number | null
  count: number
  tone: Tone
  text: string
  detail: string | null
  actor: string
}

function textOf(payload: Payload, key: string): string | null {
  const value = payload[key]
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

function numberOf(payload: Payload, key: string): number | null {
  const value = payload[key]
  return typeof value === 'number' ? value : null
}

const FIELD_WORDS: Record<string, string> = {
  max_runtime_seconds: 'time limit',
  max_retries: 'failure limit',
  verify_command: 'verify command',
  base_ref: 'base branch',
}

type Wording = (
  payload: Payload,
  event: BoardEvent,
  titleOf: (id: string) => string,
) => [text: string, detail?: string | null]

/** The text and detail of each kind that needs more than its name. */
const WORDINGS: Partial<Record<BoardEvent['kind'], Wording>> = {
  spawned: (payload) => [
    numberOf(payload, 'pid') === null ? 'Spawned' : `Spawned as process ${numberOf(payload, 'pid')}`,
  ],
  heartbeat: (payload) => ['Heartbeat', textOf(payload, 'note')],
  blocked: (payload) => ['Blocked', textOf(payload, 'reason')],
  gave_up: (payload) => {
    const [failures, limit] = [numberOf(payload, 'failures'), numberOf(payload, 'effective_limit')]
    const source = textOf(payload, 'limit_source')
    const by = source === null || source === 'default' ? '' : ` of the ${source}`
    const text = failures === null ? 'Gave up' : `Gave up: ${failures} failures in a row`
    return [limit === null ? text : `${text}, the limit${by} is ${limit}`]
  },
  protocol_violation: (payload) => ['Ended without a report', textOf(payload, 'last_output')],
  stop_requested: (_, event) => [`Stop requested by ${event.actor}`],
  question_asked: (payload) => ['Asked a question', textOf(payload, 'title')],
  question_answered: (payload) => ['Got an answer', textOf(payload, 'option') ?? textOf(payload, 'text')],
  question_withdrawn: () => ['Its question was withdrawn'],
  message_told: (payload, event) => [`Message of ${event.actor}`, textOf(payload, 'text')],
  message_delivered: (payload) => ['Message delivered', textOf(payload, 'how')],
  late_write: () => ['Reported after its run had ended; the report was refused'],
  cards_rejected: (payload) => [
    'Named tasks that do not exist',
    Array.isArray(payload['unknown']) ? payload['unknown'].join(', ') : null,
  ],
  files_put_back: (payload) => ['The check changed files; they were put back', textOf(payload, 'ref')],
  session_resumed: (payload) => [`Continues the session of attempt ${numberOf(payload, 'attempt') ?? '?'}`],
  session_refused: (payload) => [
    `The agent refused to continue the session of attempt ${numberOf(payload, 'attempt') ?? '?'}; began a fresh one`,
    textOf(payload, 'error'),
  ],
  assigned: (payload) => [
    textOf(payload, 'assignee') === null
      ? 'Assigned to nobody'
      : `Assigned to ${textOf(payload, 'assignee')}`,
  ],
  edited: (payload) => {
    const fields = Array.isArray(payload['fields']) ? payload['fields'].map(String) : []
    return [`Edited ${fields.map((field) => FIELD_WORDS[field] ?? words(field)).join(', ')}`.trim()]
  },
  reprioritized: (payload) => {
    const priority = numberOf(payload, 'priority')
    return [`Priority set to ${priority === null ? '?' : priorityName(priority)}`]
  },
  ranked: () => ['Moved within its column'],
  linked: (payload, event, titleOf) => [linkText(payload, event, true, titleOf)],
  unlinked: (payload, event, titleOf) => [linkText(payload, event, false, titleOf)],
  commented: (payload, event) => {
    const author = textOf(payload, 'author')
    return [author === null || author === event.actor ? 'Commented' : `${author} commented`]
  },
  attached: (payload) => [`Attached ${textOf(payload, 'name') ?? 'a file'}`],
  detached: (payload) => [`Removed the attachment ${textOf(payload, 'name') ?? ''}`.trim()],
  held: (payload) => ['Held', textOf(payload, 'reason')],
  moved: (payload) => [`Moved from ${textOf(payload, 'from') ?? '?'} to ${textOf(payload, 'to') ?? '?'}`],
  merged: (payload) => {
    const into = textOf(payload, 'into')
    const how = { found: ' by hand', marked: ' (marked)' }[textOf(payload, 'source') ?? ''] ?? ''
    return [
      `Merged${into === null ? '' : ` into ${into}`}${how}`,
      textOf(payload, 'commit')?.slice(0, 9) ?? null,
    ]
  },
  merge_reverted: (payload) => {
    const into = textOf(payload, 'into')
    return [
      `Merge reverted${into === null ? '' : ` in ${into}`}`,
      textOf(payload, 'commit')?.slice(0, 9) ?? null,
    ]
  },
  cleaned_up: (payload) => {
    const branch = textOf(payload, 'branch')
    return [branch === null ? 'Worktree removed' : `Worktree removed, branch ${branch} deleted`]
  },
  discarded: (payload) => [`Worktree moved to the trash; branch ${textOf(payload, 'branch') ?? '?'} stays`],
  workflow_started: (payload) => {
    const version = numberOf(payload, 'version')
    const name = `${textOf(payload, 'workflow') ?? '?'}${version === null ? '' : `, version ${version}`}`
    const isAgain = numberOf(payload, 'retried_from') !== null
    return [`${isAgain ? 'Started again' : 'Started the workflow'} ${name}`]
  },
  step_entered: (payload) => {
    const [visit, round, of] = ['visit', 'round', 'of'].map((key) => numberOf(payload, key))
    const times = (visit ?? 1) > 1 ? `, visit ${visit}` : ''
    return [`Entered ${stepIn(payload)}${times}${round == null ? '' : `, round ${round} of ${of ?? '?'}`}`]
  },
  step_left: (payload) => [`Left ${stepIn(payload)}: ${words(textOf(payload, 'verdict') ?? '?')}`],
  step_skipped: (payload) => [`Skipped ${stepIn(payload)}: ${words(textOf(payload, 'verdict') ?? '?')}`],
  went_back: (payload) => [`Sent from ${stepIn(payload, 'from')} to ${stepIn(payload, 'to')}`],
  items_created: (payload) => [
    `Created ${count(numberOf(payload, 'count') ?? 0, 'item')} at ${stepIn(payload)}`,
  ],
  item_let_go: (payload) => [`Let ${textOf(payload, 'item') ?? 'an item'} go`],
  rounds_used_up: (payload) => [
    `No round left from ${stepIn(payload)} to ${stepIn(payload, 'to')}`,
    textOf(payload, 'why'),
  ],
  no_progress: (payload) => [`No progress at ${stepIn(payload)}`, textOf(payload, 'why')],
  workflow_ended: (payload) => {
    const end = textOf(payload, 'end')
    return [`Workflow ${textOf(payload, 'state') ?? 'ended'}${end === null ? '' : ` at ${words(end)}`}`]
  },
  item_joined: (payload) => [
    `Joined the work of ${textOf(payload, 'item') ?? 'an item'}`,
    textOf(payload, 'commit')?.slice(0, 9) ?? null,
  ],
  item_sent_back: (payload) => [
    `Sent ${textOf(payload, 'item') ?? 'an item'} back`,
    textOf(payload, 'sentence'),
  ],
  approved: (payload) => ['Approved', textOf(payload, 'note')],
  changes_requested: (payload) => ['Changes requested', textOf(payload, 'note')],
  unblocked: (payload) => ['Unblocked', textOf(payload, 'answer')],
  retried: (payload) => ['Retry requested', textOf(payload, 'note')],
  reopened: (payload) => ['Reopened', textOf(payload, 'note')],
}

/** @returns the name of a step in the payload */
function stepIn(payload: Payload, key = 'step'): string {
  return words(textOf(payload, key) ?? '?')
}

function linkText(
  payload: Payload,
  event: BoardEvent,
  added: boolean,
  titleOf: (id: string) => string,
): string {
  const [parent, child] = [textOf(payload, 'parent') ?? '?', textOf(payload, 'child') ?? '?']
  const isChild = child === event.task_id
  if (added) return isChild ? `Blocked by ${titleOf(parent)}` : `Blocks ${titleOf(child)}`
  return isChild ? `No longer blocked by ${titleOf(parent)}` : `No longer blocks ${titleOf(child)}`
}

function toneOf(kind: BoardEvent['kind']): Tone {
  if (kind === 'protocol_violation') return outcomeTone('ended_without_a_report')
  if ((FAILURE_EVENT_KINDS as readonly string[]).includes(kind)) return 'bad'
  const outcome = RUN_OUTCOMES.find((name) => name === kind)
  if (outcome !== undefined) return outcomeTone(outcome)
  if (kind === 'claimed' || kind === 'spawned' || kind === 'heartbeat') return 'active'
  if (kind === 'approved') return 'good'
  return 'idle'
}

function lineOf(event: BoardEvent, titleOf: (id: string) => string): EventLine {
  const payload = event.payload ?? {}
  const [text, own] = WORDINGS[event.kind]?.(payload, event, titleOf) ?? [label(event.kind)]
  const detail =
    own ??
    textOf(payload, 'error') ??
    brief(textOf(payload, 'summary')) ??
    (own === undefined ? textOf(payload, 'reason') : null)
  return {
    key: event.id,
    at: event.created_at,
    until: null,
    count: 1,
    tone: toneOf(event.kind),
    text,
    detail,
    actor: event.actor,
  }
}

/**
 * @param events oldest first
 * @param titleOf gives the title of a task by its id
 * @returns one line per event, except that consecutive heartbeats become one line with the last note
 */
export function eventLines(
  events: readonly BoardEvent[],
  titleOf: (id: string) => string = (id) => id,
): EventLine[] {
  const lines: EventLine[] = []
  let inHeartbeats = false
  for (const event of events) {
    const line = lineOf(event, titleOf)
    const last = lines.at(-1)
    if (inHeartbeats && event.kind === 'heartbeat' && last !== undefined) {
      last.count++
      last.until = event.created_at
      last.text = `${last.count} heartbeats in ${duration(event.created_at - last.at)}`
      last.detail = line.detail ?? last.detail
    } else lines.push(line)
    inHeartbeats = event.kind === 'heartbeat'
  }
  return lines
}
