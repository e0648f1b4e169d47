import { hasEnded, TASK_STATUSES, type TaskStatus } from '../../contract/index.ts'
import { profileHeld } from '../../formats/profile-gates.ts'
import type { Board } from '../board/board.ts'
import type { BoardFacts } from '../board/gates.ts'
import { presentEvent } from '../board/present.ts'
import type { Reader } from '../db/connection.ts'
import * as cards from '../tables/cards.ts'
import * as profileState from '../tables/profile-state.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as tasks from '../tables/tasks.ts'
import { boardFacts, cardsOf, dispatcherState } from '../board/facts.ts'
import { CardsPage, omittedTasks } from './cards-page.ts'
import type { BoardHandlers } from './handler.ts'
import { withinBytes } from './newest.ts'
import { countsOf, describeOpen } from './describe-board.ts'

export const boardViewHandlers = {
  'board.view': ({ services, board }, { archived, done_limit, limit }) => {
    return board.connection.snapshot((read) => {
      const facts = boardFacts(services, board)
      const page = new CardsPage(facts)
      const counts = countsOf(board.connection.read)
      const shown = TASK_STATUSES.filter((status) => archived || status !== 'archived')
      // Short columns first, so that a long one does not leave them without cards.
      const cardsOfColumn = new Map(
        [...shown]
          .sort((a, b) => counts[a] - counts[b])
          .map((status) => [status, page.take(columnRows(board, status, done_limit, limit ?? -1))]),
      )
      const columns = shown.map((status) => ({
        status,
        count: counts[status],
        cards: cardsOfColumn.get(status) ?? [],
      }))
      return {
        board: describeOpen(services, board),
        columns,
        ...omittedTasks(
          leftOut(columns, done_limit, limit),
          'Lists of tasks have an offset to read the rest by.',
        ),
        cursor: read.get(taskEvents.cursor, {})?.id ?? 0,
        dispatcher: dispatcherState(services, board, facts),
        notices: noticesOf(board),
      }
    })
  },

  'board.changes': ({ services, board }, { since }) => {
    return board.connection.snapshot((read) => {
      const cursor = read.get(taskEvents.cursor, {})?.id ?? 0
      const facts = boardFacts(services, board)
      const answerOf = (reset: boolean, ids: readonly string[], removed: string[]) => ({
        cursor,
        reset,
        cards: cardsOf(board, ids, facts),
        removed,
        counts: countsOf(read),
        dispatcher: dispatcherState(services, board, facts),
      })
      const isTooMuch = since > cursor || cursor - since > CHANGES_LIMIT
      const isReset = isTooMuch || read.get(taskEvents.replacedSince, { since }) !== undefined
      if (isReset) return answerOf(true, [], [])
      const changed = read.all(taskEvents.changedTasks, { since }).map((row) => row.task_id)
      const parted = read.all(taskEvents.partedSince, { since }).map((row) => row.id)
      const ids = [...withNeighbours(board, changed), ...parted, ...waitingForProfiles(read, since, facts)]
      // One task can have thousands of neighbours.
      if (ids.length > CHANGED_CARDS_LIMIT) return answerOf(true, [], [])
      return answerOf(
        false,
        ids,
        read.all(taskEvents.deletedSince, { since }).map((row) => row.task_id),
      )
    })
  },

  'event.list': ({ read }, { since, task_id, limit }) => {
    const rows =
      task_id === undefined
        ? read.iterate(taskEvents.since, { since, limit })
        : read.iterate(taskEvents.sinceOfTask, { since, task_id, limit })
    const { shown } = withinBytes(rows, presentEvent)
    // A cursor beyond the newest event belongs to an earlier file of this board: returned as it is, it would skip
    // every event up to it.
    const newest = read.get(taskEvents.cursor, {})?.id ?? 0
    return { events: shown, cursor: shown.at(-1)?.id ?? Math.min(since, newest) }
  },
} satisfies Partial<BoardHandlers>

/** With more events than this, reading the whole board is cheaper than a list of changes. */
const CHANGES_LIMIT = 2000
/** The same for cards. */
const CHANGED_CARDS_LIMIT = 5000

/** A card also shows its parents and children, so it changes with them. */
function withNeighbours(board: Board, ids: readonly string[]): string[] {
  const near = board.connection.read.all(taskLinks.neighboursOf, { ids: JSON.stringify(ids) })
  return [...new Set([...ids, ...near.map((row) => row.id)])]
}

/** Per profile. Keeps a delta small on a board of any size; cards further down are read when they move up. */
const WAITING_CARDS = 100

/** Cards whose reason to wait may have changed with their profile although their task did not. */
function waitingForProfiles(read: Reader, since: number, { profiles }: BoardFacts): string[] {
  const changed = read.all(taskEvents.changedProfiles, { since })
  // Only where their number is limited do the runs of a profile keep its cards waiting.
  const limited = read
    .all(taskEvents.activeProfiles, { since })
    .filter(({ profile }) => profiles.get(profile)?.max_concurrent != null)
  return [...new Set([...changed, ...limited].map(({ profile }) => profile))]
    .flatMap((profile) => read.all(tasks.readyOfProfile, { profile, limit: WAITING_CARDS }))
    .map(({ id }) => id)
}

/** @param limit of unfinished cards; −1 for all */
function columnRows(board: Board, status: TaskStatus, doneLimit: number, limit: number) {
  return hasEnded({ status })
    ? board.connection.read.iterate(cards.newestOfColumn, { status, limit: doneLimit })
    : board.connection.read.iterate(cards.column, { status, limit })
}

type Columns = readonly { status: TaskStatus; count: number; cards: readonly unknown[] }[]

/** How many cards within the limits of the caller did not fit. */
function leftOut(columns: Columns, doneLimit: number, limit = Infinity): number {
  const left = columns.map(
    ({ status, count, cards }) => Math.min(count, hasEnded({ status }) ? doneLimit : limit) - cards.length,
  )
  return left.reduce((sum, more) => sum + Math.max(0, more), 0)
}

function noticesOf(board: Board): string[] {
  return board.connection.read
    .all(profileState.all, {})
    .map((row) => profileHeld(row.profile, row.held_why, row.held_until).sentence)
}
