import { isReservedProfile } from '../../contract/workflow-kinds.ts'
import { plural } from '../../formats/count.ts'
import type { Gate, Profile, Why } from '../../contract/index.ts'
import { profileHeld, profileLimit, unknownProfile } from '../../formats/profile-gates.ts'
import { waitsForYou } from '../../formats/question-gate.ts'
import { roughly } from '../../formats/time.ts'
import type { ProfileStateRow } from '../tables/profile-state.ts'
import type { TaskRow } from '../tables/tasks.ts'

/** The facts about a board from which the gates of its tasks are computed. */
export interface BoardFacts {
  now: number
  profiles: ReadonlyMap<string, Profile>
  broken_profiles: ReadonlyMap<string, string>
  /** Why config.json cannot be read; there are no profiles then. */
  config_problem: string | null
  held_profiles: ReadonlyMap<string, ProfileStateRow>
  /** The workspaces in use, by owning task, with the task that works in each. */
  busy_workspaces: ReadonlyMap<string, string>
  /** Running tasks whose run waits for an answer, each with the oldest open question. */
  open_questions: ReadonlyMap<string, { id: number; title: string; count: number }>
  /** Ready tasks that wait for the merge of a parent, each with that parent; empty unless the board sets `wait_for_merge`. */
  unmerged_parents: ReadonlyMap<string, { id: string; title: string }>
  /** Cards at a map step, with the number of their items and of the open ones. */
  open_items: ReadonlyMap<string, { open: number; items: number }>
  /** Open items of map steps with `max_parallel`, by the id of their card. */
  item_turns: ReadonlyMap<string, ItemTurn>
  paused: boolean
  /** The slug of a board that came from outside and was not accepted yet. */
  unaccepted: string | null
  has_dispatcher: boolean
  running: number
  running_by_profile: ReadonlyMap<string, number>
  /** The most workers on this board and in the app; null means no limit of its own. */
  board_limit: number | null
  app_limit: number
  app_running: number
}

/** How many items of a map step run now, and how many may. */
export interface ItemTurn {
  visit_id: number
  running: number
  limit: number
}

export type ShutGate = NonNullable<Why>

function shut(gate: Gate, sentence: string, clears_at: number | null, action: string | null): ShutGate {
  return { gate, sentence, clears_at, action }
}

/**
 * The task's own gate, shown on its card. What holds the whole board is said once, by `boardGate`.
 *
 * @returns null for a task that could run, for one that runs without waiting for an answer, and for one that is done
 *   or archived
 */
export function ownGate(
  task: TaskRow,
  openParents: readonly { id: string; title?: string }[],
  facts: BoardFacts,
): Why {
  switch (task.status) {
    case 'triage':
      return triageGate(task, openParents.length)
    case 'todo':
      return waitsForItems(task, facts) ?? waitsForParents(task, openParents)
    case 'blocked':
      return shut('blocked', blockedSentence(task), null, `unblock ${task.id} --answer …`)
    case 'review':
      return shut('review', 'Waits for your review.', null, `approve ${task.id}`)
    case 'ready':
      return readyGate(task, facts)
    case 'running':
      return questionGate(task, facts)
    default:
      return null
  }
}

function triageGate(task: TaskRow, parts: number): ShutGate {
  if (parts === 0) return shut('triage', 'An idea: promote it to let it run.', null, `promote ${task.id}`)
  const plan = plural(parts, 'A plan of one task waits', `A plan of ${parts} tasks waits`)
  return shut('triage', `${plan} for your acceptance.`, null, `accept-plan ${task.id}`)
}

function waitsForItems(task: TaskRow, { open_items }: BoardFacts): Why {
  const counts = open_items.get(task.id)
  if (counts === undefined) return null
  const { items, open } = counts
  const sentence = items === 1 ? 'Waiting for its one item.' : `Waiting for ${open} of ${items} items.`
  return shut('open_items', sentence, null, `walk ${task.id}`)
}

function waitsForParents(task: TaskRow, openParents: readonly { id: string; title?: string }[]): ShutGate {
  const first = openParents[0]
  if (first === undefined) return shut('open_parents', 'Blocked by its parents.', null, null)
  const named = first.title === undefined ? first.id : `${first.id} “${first.title}”`
  const others = openParents.length > 1 ? ` and ${openParents.length - 1} more` : ''
  return shut('open_parents', `Blocked by ${named}${others}.`, null, `unlink ${first.id} ${task.id}`)
}

function questionGate({ id }: TaskRow, { open_questions }: BoardFacts): Why {
  const asked = open_questions.get(id)
  if (asked === undefined) return null
  const more =
    asked.count > 1
      ? ` And ${plural(asked.count - 1, 'one more question', `${asked.count - 1} more questions`)}.`
      : ''
  const which = asked.count > 1 ? String(asked.id) : id
  return shut('question', waitsForYou(`${asked.title}${more}`), null, `answer ${which} …`)
}

function blockedSentence(task: TaskRow): string {
  const reason = task.block_reason ?? 'It needs you.'
  return task.block_kind === 'needs_input' ? `Asks: ${reason}` : reason
}

function readyGate(task: TaskRow, facts: BoardFacts): Why {
  if (task.held === 1) {
    const why = task.held_reason === null ? 'Held until you release it.' : `Held: ${task.held_reason}.`
    return shut('held', why, null, `release ${task.id}`)
  }
  if (task.assignee === null) {
    return shut('no_assignee', 'Nobody is assigned to it.', null, `assign ${task.id} PROFILE`)
  }
  const profileGate = assigneeGate(task.assignee, task, facts)
  if (profileGate !== null) return profileGate
  const parent = facts.unmerged_parents.get(task.id)
  if (parent !== undefined) {
    const sentence = `Waits until the work of ${parent.id} “${parent.title}” is merged.`
    return shut('parents_not_merged', sentence, null, `merge ${parent.id}`)
  }
  const turn = facts.item_turns.get(task.id)
  if (turn !== undefined && turn.running >= turn.limit) {
    const sentence = `Waits for its turn: ${plural(turn.limit, 'one item runs', `${turn.limit} items run`)} at once.`
    return shut('item_limit', sentence, null, null)
  }
  const busy = facts.busy_workspaces.get(workspaceOwner(task))
  if (busy !== undefined) {
    const who =
      busy === task.id ? 'Its last worker has not left its workspace yet' : `${busy} works in its workspace`
    return shut('workspace_busy', `${who}.`, null, null)
  }
  if (task.not_before_at !== null && task.not_before_at > facts.now) {
    const wait = roughly(task.not_before_at - facts.now)
    return shut(
      'not_before',
      `Scheduled to start in ${wait}.`,
      task.not_before_at,
      `schedule ${task.id} --not-before +0s`,
    )
  }
  if (task.retry_at !== null && task.retry_at > facts.now) {
    const wait = roughly(task.retry_at - facts.now)
    const tried =
      task.consecutive_failures === 0 ? 'rate limited' : failuresInWords(task.consecutive_failures)
    return shut('retry_at', `Retries in ${wait} (${tried}).`, task.retry_at, `retry ${task.id}`)
  }
  return null
}

function failuresInWords(failures: number): string {
  return plural(failures, 'one failure', `${failures} failures in a row`)
}

function assigneeGate(assignee: string, task: TaskRow, facts: BoardFacts): Why {
  if (isReservedProfile(assignee)) return null
  if (facts.config_problem !== null)
    return shut('unknown_profile', `The profiles cannot be read: ${facts.config_problem}`, null, 'doctor')
  const broken = facts.broken_profiles.get(assignee)
  if (broken !== undefined) {
    return shut(
      'unknown_profile',
      `Profile ${assignee} cannot be used: ${broken}.`,
      null,
      `profiles set ${assignee} …`,
    )
  }
  if (!facts.profiles.has(assignee)) return unknownProfile(assignee, task.id)
  const hold = facts.held_profiles.get(assignee)
  if (hold === undefined || (hold.held_until !== null && hold.held_until <= facts.now)) return null
  return profileHeld(assignee, hold.held_why, hold.held_until)
}

/** The gate that holds every ready task of the board, or of this task's profile, or null. */
export function boardGate(assignee: string | null, facts: BoardFacts): Why {
  if (facts.unaccepted !== null) {
    const sentence = 'The board came from a file: nothing on it runs until you accept what it would run.'
    return shut('paused', sentence, null, `boards accept ${facts.unaccepted}`)
  }
  if (facts.paused) return shut('paused', 'The board is paused.', null, 'resume')
  if (!facts.has_dispatcher) {
    return shut('no_dispatcher', 'No dispatcher is running for this board.', null, 'serve, or dispatch')
  }
  // Checks and merges have slots of their own, so that they never wait for agents.
  if (isReservedProfile(assignee)) return limitOf(assignee, facts)
  if (facts.app_running >= facts.app_limit) {
    return shut('app_limit', `Waiting for a free worker (all ${facts.app_limit} busy).`, null, null)
  }
  if (facts.board_limit !== null && facts.running >= facts.board_limit) {
    return shut(
      'board_limit',
      `Waiting for a free worker (${facts.running} of ${facts.board_limit} busy on this board).`,
      null,
      null,
    )
  }
  return limitOf(assignee, facts)
}

function limitOf(assignee: string | null, { profiles, running_by_profile }: BoardFacts): Why {
  if (assignee === null) return null
  const limit = profiles.get(assignee)?.max_concurrent ?? null
  return profileLimit(assignee, limit, running_by_profile.get(assignee) ?? 0)
}

/**
 * The gate on a card: the task's own, else that its profile is at its limit. That limit holds only the cards of one
 * profile, so the header does not show it.
 */
export function cardGate(
  task: TaskRow,
  openParents: readonly { id: string; title?: string }[],
  facts: BoardFacts,
): Why {
  return ownGate(task, openParents, facts) ?? (task.status === 'ready' ? limitOf(task.assignee, facts) : null)
}

/** @returns the task whose workspace this one works in: its own, or the one it shares */
export function workspaceOwner(task: Pick<TaskRow, 'id' | 'workspace_of'>): string {
  return task.workspace_of ?? task.id
}

/** Everything that keeps a task from running now, the task's own gates first. */
export function whyNot(
  task: TaskRow,
  openParents: readonly { id: string; title?: string }[],
  facts: BoardFacts,
): Why {
  return (
    ownGate(task, openParents, facts) ?? (task.status === 'ready' ? boardGate(task.assignee, facts) : null)
  )
}
