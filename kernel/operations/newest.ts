import { count } from '../../formats/count.ts'
import type { Omitted } from '../../contract/index.ts'
import type { Reader } from '../db/connection.ts'
import { presentComment, presentEvent, presentRun } from '../board/present.ts'
import * as taskComments from '../tables/task-comments.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskRuns from '../tables/task-runs.ts'

/**
 * The most of one kind of thing that an answer carries, in bytes of JSON. Every door handles this much in a moment.
 */
export const ANSWER_BYTES = 2_000_000

/**
 * Presents rows until they fill an answer. The first row is always included, however long it is.
 *
 * @param rows read one at a time: rows that do not fit are not read
 * @returns the presented rows, and whether there are more
 */
export function withinBytes<R, T>(rows: Iterable<R>, present: (row: R) => T): { shown: T[]; isCut: boolean } {
  const shown: T[] = []
  let left = ANSWER_BYTES
  for (const row of rows) {
    const item = present(row)
    left -= Buffer.byteLength(JSON.stringify(item))
    if (left < 0 && shown.length > 0) return { shown, isCut: true }
    shown.push(item)
  }
  return { shown, isCut: false }
}

interface Page<T> {
  /** Oldest first. */
  shown: T[]
  /** How many older ones were left out. */
  left: number
}

function pageOf<T>({ shown: newestFirst }: { shown: T[] }, count: number | undefined): Page<T> {
  return { left: Math.max(0, (count ?? 0) - newestFirst.length), shown: [...newestFirst].reverse() }
}

const FIRST_PAGE = Number.MAX_SAFE_INTEGER

export function newestComments(read: Reader, task_id: string, before = FIRST_PAGE) {
  const rows = read.iterate(taskComments.newestOf, { task_id, before })
  return pageOf(withinBytes(rows, presentComment), read.get(taskComments.countOf, { task_id, before })?.count)
}

export function newestEvents(read: Reader, task_id: string, before = FIRST_PAGE) {
  const rows = read.iterate(taskEvents.newestOf, { task_id, before })
  return pageOf(withinBytes(rows, presentEvent), read.get(taskEvents.countOf, { task_id, before })?.count)
}

export function newestRuns(read: Reader, task_id: string, now: number, before = FIRST_PAGE) {
  const rows = read.iterate(taskRuns.newestRunsOf, { task_id, before })
  const shown = withinBytes(rows, (run) => presentRun(run, now))
  return pageOf(shown, read.get(taskRuns.countOf, { task_id, before })?.count)
}

export function newestEventsOfRun(read: Reader, run_id: number) {
  const rows = read.iterate(taskEvents.newestOfOneRun, { run_id })
  return pageOf(withinBytes(rows, presentEvent), read.get(taskEvents.countAllOfRun, { run_id })?.count)
}

/** For a kind that the answer does not include. */
export const NONE: Page<never> = { shown: [], left: 0 }

/** @returns what an answer leaves out of a task, and how to read the rest; nothing when it is complete */
export function omittedOf(
  id: string,
  comments: Page<{ id: number }>,
  events: Page<{ id: number }>,
  runs: Page<{ attempt: number }>,
): { omitted?: Omitted } {
  const parts = [
    { name: 'comment', left: comments.left, before: comments.shown[0]?.id },
    { name: 'event', left: events.left, before: events.shown[0]?.id },
    { name: 'run', left: runs.left, before: runs.shown[0]?.attempt },
  ].filter(({ left }) => left > 0)
  if (parts.length === 0) return {}
  const counts = parts.map(({ name, left }) => count(left, `older ${name}`))
  const flags = parts.map(({ name, before }) => `--${name}s-before ${before ?? 1}`)
  const sentence = `Not shown: ${counts.join(', ')}. “runboard show ${id} ${flags.join(' ')}” continues from there.`
  return { omitted: { comments: comments.left, events: events.left, runs: runs.left, sentence } }
}
