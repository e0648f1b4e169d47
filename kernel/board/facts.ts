import { plural } from '../../formats/count.ts'
import { MERGE_PROFILE } from '../../contract/workflow-kinds.ts'
import { type Card, type DispatcherState, OperationError, type Why } from '../../contract/index.ts'
import type { Board } from './board.ts'
import type { Reader } from '../db/connection.ts'
import { lingeringRuns } from './stop-process.ts'
import { readLease } from './lease.ts'
import { itemFacts } from './item-facts.ts'
import { type BoardFacts, cardGate, whyNot, workspaceOwner } from './gates.ts'
import { presentCard } from './present.ts'
import { isUnaccepted } from './acceptance.ts'
import { OWN_PROFILES } from '../home/own-profiles.ts'
import type { Services } from '../services.ts'
import * as boardState from '../tables/board-state.ts'
import * as cards from '../tables/cards.ts'
import type { CardRow } from '../tables/cards.ts'
import * as questions from '../tables/questions.ts'
import * as profileState from '../tables/profile-state.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'

/** @returns whether claiming on the board is paused; a board from outside is paused until a person accepts it */
export function isPaused(reader: Reader): boolean {
  return reader.get(boardState.get, { key: 'paused' })?.value === 'true' || isUnaccepted(reader)
}

/** The services that `boardFacts` reads. */
export type FactSources = Pick<Services, 'appLimit' | 'clock' | 'config' | 'dispatchers' | 'dispatchingOf'>

/** Gathers what the gates of a board's tasks depend on. */
export function boardFacts(services: FactSources, board: Board): BoardFacts {
  const read = board.connection.read
  const config = services.config.readOrDefaults()
  const dispatcher = services.dispatchers.get(board.slug)
  const here = services.dispatchingOf(board)
  const open = read.all(taskRuns.openCountByProfile, {})
  const running = open.reduce((sum, row) => sum + row.count, 0)
  return {
    now: services.clock(),
    profiles: new Map([...config.profiles, ...OWN_PROFILES]),
    broken_profiles: config.broken,
    config_problem: config.problem,
    held_profiles: new Map(read.all(profileState.all, {}).map((row) => [row.profile, row])),
    busy_workspaces: busyWorkspaces(board, [
      ...(dispatcher?.lingering() ?? []),
      ...lingeringRuns(read, services.clock()).map((run) => run.task_id),
    ]),
    open_questions: openQuestions(read),
    unmerged_parents: board.settings().wait_for_merge ? unmergedParents(read) : new Map(),
    ...itemFacts(read),
    paused: isPaused(read),
    unaccepted: isUnaccepted(read) ? board.slug : null,
    has_dispatcher: here.board === board.slug || readLease(services, board).state === 'alive',
    running,
    running_by_profile: new Map(
      open.flatMap((row) => (row.profile === null ? [] : [[row.profile, row.count]])),
    ),
    board_limit: board.settings().max_running,
    app_limit: services.appLimit(),
    app_running: here.running ?? running,
  }
}

function openQuestions(read: Reader): BoardFacts['open_questions'] {
  return new Map(read.all(questions.openByTask, {}).map(({ task_id, ...oldest }) => [task_id, oldest]))
}

function unmergedParents(read: Reader): Map<string, { id: string; title: string }> {
  const rows = read.all(taskLinks.readyWithUnmergedParents, {})
  return new Map(rows.map(({ child_id, id, title }) => [child_id, { id, title }]))
}

/**
 * Workspaces of open runs, and of workers that have reported but not exited. A card that is to join the work of its items
 * also waits for those who still work on an item.
 */
function busyWorkspaces(board: Board, lingering: readonly string[]): Map<string, string> {
  const { read } = board.connection
  const busy = new Map(read.all(taskRuns.busyWorkspaces, {}).map((row) => [row.owner, row.task_id]))
  for (const id of lingering) {
    const task = read.get(tasks.byId, { id })
    if (task !== undefined) busy.set(workspaceOwner(task), id)
  }
  for (const { item_id, owner } of read.all(workflowItems.ofJoiningCarriers, { profile: MERGE_PROFILE })) {
    const who = busy.get(item_id)
    if (who !== undefined && !busy.has(owner)) busy.set(owner, who)
  }
  return busy
}

/**
 * Which process dispatches the board, for the header.
 * @param facts if they are at hand
 */
export function dispatcherState(
  services: FactSources,
  board: Board,
  facts = boardFacts(services, board),
): DispatcherState {
  const lease = readLease(services, board)
  const here = services.dispatchingOf(board).board === board.slug
  const alive = here || lease.state === 'alive'
  return {
    who: here ? 'here' : alive ? 'elsewhere' : 'none',
    holder: alive ? (lease.row?.holder ?? null) : null,
    pid: alive ? (lease.row?.pid ?? null) : null,
    paused: facts.paused,
    running: facts.running,
    limit: Math.min(facts.app_limit, facts.board_limit ?? Infinity),
  }
}

/** @returns the cards, each with its gate */
export function presentCards(rows: readonly CardRow[], facts: BoardFacts): Card[] {
  return rows.map((row) => {
    const openParents = (JSON.parse(row.open_parents) as string[]).map((id) => ({ id }))
    return presentCard(row, cardGate(row, openParents, facts))
  })
}

/** @returns the cards of these tasks, in no particular order */
export function cardsOf(board: Board, ids: readonly string[], facts: BoardFacts): Card[] {
  const rows = board.connection.read.all(cards.byIds, { ids: JSON.stringify(ids) })
  return presentCards(rows, facts)
}

/** Everything that keeps a task from running now. */
export function whyOf(services: FactSources, board: Board, task: TaskRow): Why {
  const openParents = board.connection.read.all(taskLinks.openParentsOf, { id: task.id })
  return whyNot(task, openParents, boardFacts(services, board))
}

/** @throws OperationError NOT_FOUND that names all missing ones */
export function requireAll(reader: Reader, found: ReadonlySet<string>, wanted: readonly string[]): void {
  const missing = wanted.filter((id) => !found.has(id))
  if (missing.length === 0) return
  throw new OperationError(
    'NOT_FOUND',
    `${plural(missing.length, 'Task', 'Tasks')} ${missing.join(', ')} not found on board “${reader.boardSlug}”.`,
    {
      missing,
    },
  )
}
