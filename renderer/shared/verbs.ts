import { plural } from '../../formats/count.ts'
import type { Card, Task } from '../../contract/index.ts'
import { legalTargets, statusesFor, type TaskStatus, UNFINISHED_STATUSES } from '../../contract/states.ts'
import type { Question } from './ask.svelte.ts'
import { words } from './tones.ts'

/** What people can do with tasks on the screens; each is an operation `task.<verb>` and a verb of `task.bulk`. */
export const VERBS = [
  'retry',
  'unblock',
  'approve',
  'request_changes',
  'accept_plan',
  'promote',
  'stop',
  'complete',
  'block',
  'hold',
  'release',
  'reopen',
  'archive',
  'restore',
] as const
export type Verb = (typeof VERBS)[number]

/** The keys of verbs, for cards and the open task alike; menus and buttons show them. */
export const VERB_KEYS: Partial<Record<Verb, string>> = { retry: 'r', stop: 's', archive: 'e' }

/** The fields of a task that decide which verbs are allowed. */
export type VerbSubject = Pick<
  Task,
  'id' | 'title' | 'status' | 'held' | 'retry_at' | 'block_reason' | 'block_kind'
> &
  Partial<Pick<Card, 'open_parents' | 'workspace_kind' | 'workspace_path' | 'merge_state'>>

export interface VerbSpec {
  label: string
  /** Shown on success: “Archived”. */
  done: string
  from: readonly TaskStatus[]
  danger?: boolean
  /** The field of the operation that gets the answer. */
  field?: 'note' | 'answer' | 'summary' | 'reason'
  /** The question to ask first for these tasks; null asks nothing. */
  ask?: (subjects: readonly VerbSubject[]) => Question | null
}

const anyRunning = (subjects: readonly VerbSubject[]) => subjects.some(({ status }) => status === 'running')
const named = (subjects: readonly VerbSubject[]) =>
  subjects.length === 1 && subjects[0] !== undefined ? `“${subjects[0].title}”` : `${subjects.length} tasks`

function hasUnmergedWork(subject: VerbSubject): boolean {
  const { workspace_kind, workspace_path = null, merge_state = null } = subject
  return (
    workspace_kind === 'worktree' &&
    workspace_path !== null &&
    merge_state !== 'nothing' &&
    merge_state !== 'merged'
  )
}

export const VERB_SPECS: Record<Verb, VerbSpec> = {
  retry: { label: 'Retry', done: 'Retrying', from: ['ready', 'blocked'] },
  unblock: {
    label: 'Answer…',
    done: 'Unblocked',
    from: statusesFor('unblock'),
    field: 'answer',
    ask: (subjects) => ({
      title: plural(subjects.length, 'Answer', `Answer ${subjects.length} tasks`),
      ...(subjects.length === 1 && subjects[0]?.block_reason ? { text: subjects[0].block_reason } : {}),
      field: {
        label: 'Your answer',
        placeholder: 'What the next attempt needs to know',
        hint: 'The next attempt reads it first. You can leave it empty.',
      },
      confirm: 'Send answer',
    }),
  },
  approve: {
    label: 'Approve',
    done: 'Approved',
    from: statusesFor('approve'),
    ask: (subjects) => {
      const unmerged = subjects.filter(hasUnmergedWork)
      if (unmerged.length === 0) return null
      const those = plural(
        unmerged.length,
        'Its work stays on its branch',
        'Their work stays on their branches',
      )
      return {
        title: 'Approve without merging?',
        text: `${named(unmerged)}: done, but not merged. ${those} until you merge it.`,
        confirm: 'Approve without merging',
      }
    },
  },
  request_changes: {
    label: 'Request changes…',
    done: 'Sent back',
    from: statusesFor('request_changes'),
    field: 'note',
    ask: (subjects) => ({
      title: 'Request changes',
      text: named(subjects),
      field: { label: 'What has to change', required: true, hint: 'The next attempt reads it first.' },
      confirm: 'Send back',
    }),
  },
  accept_plan: { label: 'Accept the plan', done: 'Plan accepted', from: ['triage'] },
  promote: { label: 'Promote', done: 'Promoted', from: statusesFor('promote') },
  stop: {
    label: 'Stop',
    done: 'Stopped',
    from: statusesFor('stop'),
    danger: true,
    ask: (subjects) => ({
      title: plural(subjects.length, 'Stop this worker?', `Stop ${subjects.length} workers?`),
      text: `${named(subjects)}: the process tree is stopped, and the task is held until you release it.`,
      confirm: 'Stop',
      danger: true,
    }),
  },
  complete: {
    label: 'Mark done…',
    done: 'Done',
    from: statusesFor('complete'),
    field: 'summary',
    ask: (subjects) => ({
      title: plural(subjects.length, 'Mark this task done', `Mark ${subjects.length} tasks done`),
      text: anyRunning(subjects)
        ? `${named(subjects)}: it is running, its worker will be stopped.`
        : named(subjects),
      ...(subjects.length === 1
        ? { field: { label: 'Summary', placeholder: 'What was done, for the next attempt', lines: 4 } }
        : {}),
      confirm: 'Mark done',
    }),
  },
  block: {
    label: 'Block…',
    done: 'Blocked',
    from: statusesFor('block'),
    field: 'reason',
    ask: (subjects) => ({
      title: `Block ${plural(subjects.length, 'this task', `${subjects.length} tasks`)}`,
      text: anyRunning(subjects) ? `${named(subjects)}: its worker will be stopped.` : named(subjects),
      field: { label: 'Why it is blocked', required: true, lines: 3 },
      confirm: 'Block',
    }),
  },
  hold: { label: 'Hold', done: 'Held', from: UNFINISHED_STATUSES },
  release: {
    label: 'Release',
    done: 'Released',
    from: UNFINISHED_STATUSES,
  },
  reopen: {
    label: 'Reopen…',
    done: 'Reopened',
    from: statusesFor('reopen'),
    field: 'note',
    ask: (subjects) => ({
      title: `Reopen ${plural(subjects.length, 'this task', `${subjects.length} tasks`)}`,
      text: named(subjects),
      field: { label: 'Note for the next attempt', placeholder: 'What is still to do', lines: 3 },
      confirm: 'Reopen',
    }),
  },
  archive: {
    label: 'Archive',
    done: 'Archived',
    from: statusesFor('archive'),
    ask: (subjects) =>
      anyRunning(subjects)
        ? {
            title: 'Archive a running task?',
            text: `${named(subjects)}: its worker will be stopped first.`,
            confirm: 'Stop and archive',
            danger: true,
          }
        : null,
  },
  restore: { label: 'Restore', done: 'Restored', from: statusesFor('restore') },
}

/** @returns why the verb cannot be used on the task in its current state, or null if it can */
export function refusal(verb: Verb, task: VerbSubject): string | null {
  const spec = VERB_SPECS[verb]
  if (!spec.from.includes(task.status)) {
    return `Only from ${spec.from.length > 4 ? 'the board' : spec.from.map(words).join(', ')}`
  }
  if (verb === 'hold' && task.held) return 'It is already held'
  if (verb === 'release' && !task.held) return 'It is not held'
  if (verb === 'accept_plan' && task.open_parents?.length === 0) return 'It has no plan'
  return null
}

/** An idea with parts: a planner has broken it into tasks, which wait for a person. */
export function hasPlan(card: Pick<Card, 'status' | 'open_parents'>): boolean {
  return card.status === 'triage' && card.open_parents.length > 0
}

/** The one verb that suits the task's state, if there is one. */
export function fittingVerb(card: Card): Verb | null {
  if (card.status === 'blocked') return card.block_kind === 'gave_up' ? 'retry' : 'unblock'
  if (card.status === 'review') return 'approve'
  if (card.status === 'running') return 'stop'
  if (card.status === 'triage') return hasPlan(card) ? 'accept_plan' : 'promote'
  if (card.held) return 'release'
  return card.status === 'ready' && card.retry_at !== null ? 'retry' : null
}

/** @returns the statuses that all of these tasks may move to; empty if they have none in common */
export function commonTargets(tasks: readonly Pick<Task, 'status'>[]): TaskStatus[] {
  const [first, ...rest] = tasks
  if (first === undefined) return []
  return legalTargets(first.status).filter((to) =>
    rest.every((task) => task.status === to || legalTargets(task.status).includes(to)),
  )
}
