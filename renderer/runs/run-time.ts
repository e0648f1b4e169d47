import type { Run } from '../../contract/index.ts'

/** How a task and its runs spent their time. All times are in milliseconds. */

/** @returns how long the run has worked, counted from its claim */
export function workTime(run: Pick<Run, 'started_at' | 'ended_at'>, now: number): number {
  return Math.max(0, (run.ended_at ?? now) - run.started_at)
}

export interface TimeShare {
  work: number
  waiting: number
}

/**
 * @param runs oldest first
 * @param until the end of the history for a finished task; null for one that may continue
 * @returns the time a worker had the task, and the time it waited: for its turn, a retry, a person
 */
export function timeShare(runs: readonly Run[], until: number | null, now: number): TimeShare {
  const [first] = runs
  if (first === undefined) return { work: 0, waiting: 0 }
  const work = runs.reduce((sum, run) => sum + workTime(run, now), 0)
  // Both ends of each wait are known: a clock that has not ticked since must not make a wait negative.
  let before: number | null = first.ready_at ?? first.started_at
  let waiting = 0
  for (const run of runs) {
    if (before !== null) waiting += Math.max(0, run.started_at - before)
    before = run.ended_at
  }
  if (before !== null) waiting += Math.max(0, (until ?? now) - before)
  return { work, waiting }
}

export type RailItem =
  | { kind: 'run'; run: Run; width: number }
  /** `to` is null while the task still waits. */
  | { kind: 'gap'; from: number; to: number | null; width: number; key: string }

const CHIP_SMALLEST = 38
const GAP_SMALLEST = 8

/**
 * Durations differ by factors of a thousand: their logarithm is drawn, so that a second and an hour fit on one line.
 */
function logWidth(milliseconds: number, smallest: number, scale: number): number {
  return Math.round(smallest + scale * Math.log2(1 + Math.max(0, milliseconds) / 5000))
}

/**
 * @param runs oldest first
 * @param waitsSince when the task began to wait after its last run, if it waits
 * @returns the runs and the waits between them, with widths in pixels
 */
export function railItems(runs: readonly Run[], waitsSince: number | null, now: number): RailItem[] {
  const items: RailItem[] = []
  let before: number | null = null
  for (const run of runs) {
    const from: number | null = before ?? run.ready_at
    if (from !== null && run.started_at - from > 500) {
      items.push(gap(from, run.started_at, now))
    }
    items.push({ kind: 'run', run, width: logWidth(workTime(run, now), CHIP_SMALLEST, 9) })
    before = run.ended_at
  }
  if (waitsSince !== null) items.push(gap(waitsSince, null, now))
  return items
}

function gap(from: number, to: number | null, now: number): RailItem {
  return { kind: 'gap', from, to, width: logWidth((to ?? now) - from, GAP_SMALLEST, 3), key: `gap-${from}` }
}

export type PhaseName = 'ready' | 'claimed' | 'spawned' | 'first output' | 'last heartbeat' | 'ended'

export interface Phase {
  name: PhaseName
  /** null: not reached, or not yet. */
  at: number | null
  /** Time since the previous phase that was reached. */
  after: number | null
}

/** @returns the six points of a run's life, in order */
export function phases(run: Run): Phase[] {
  const points: [PhaseName, number | null][] = [
    ['ready', run.ready_at],
    ['claimed', run.started_at],
    ['spawned', run.spawned_at],
    ['first output', run.first_output_at],
    ['last heartbeat', run.last_heartbeat_at],
    ['ended', run.ended_at],
  ]
  let before: number | null = null
  return points.map(([name, at]) => {
    const after = at === null || before === null ? null : Math.max(0, at - before)
    if (at !== null) before = at
    return { name, at, after }
  })
}

export interface Stretch {
  name: 'waited' | 'started up' | 'silent at first' | 'worked' | 'worked, no output'
  from: number
  to: number
  /** Its share of the bar, as flex-grow. */
  grow: number
}

/** @returns the stretches of a run's time for a bar; very short ones are drawn wide enough to point at */
export function stretches(run: Run, now: number): Stretch[] {
  const end = run.ended_at ?? now
  const list: Stretch[] = []
  const add = (name: Stretch['name'], from: number, to: number) => {
    if (to - from > 0) list.push({ name, from, to, grow: 0.6 + Math.log2(1 + (to - from) / 400) })
  }
  if (run.ready_at !== null) add('waited', run.ready_at, run.started_at)
  if (run.spawned_at === null) {
    add('worked, no output', run.started_at, end)
    return list
  }
  add('started up', run.started_at, run.spawned_at)
  const output = run.first_output_at
  add('silent at first', run.spawned_at, output ?? end)
  if (output !== null) add('worked', output, end)
  return list
}
