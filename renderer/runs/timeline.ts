import { DAY, MINUTE } from '../../formats/time.ts'
import type { BoardRun } from './run-ledger.ts'

export interface Bar {
  run: BoardRun
  /** In percent of the span. */
  left: number
  width: number
  /** Overlapping runs are on separate rows. */
  row: number
}

export interface Lane {
  profile: string
  bars: readonly Bar[]
  rows: number
}

/** A narrower bar would be hard to point at. */
const NARROWEST = 0.35
const MOST_ROWS = 4

/**
 * @param runs in any order
 * @returns one lane per profile, by name, with the runs between `from` and `to`
 */
export function lanesOf(runs: readonly BoardRun[], from: number, to: number): Lane[] {
  const span = to - from
  const lanes = new Map<string, { bars: Bar[]; ends: number[] }>()
  const oldestFirst = [...runs].sort((a, b) => a.started_at - b.started_at)
  for (const run of oldestFirst) {
    const end = Math.min(run.ended_at ?? to, to)
    if (end < from || run.started_at > to) continue
    const lane = lanes.get(run.profile ?? 'by hand') ?? { bars: [], ends: [] }
    lanes.set(run.profile ?? 'by hand', lane)
    const left = (Math.max(0, run.started_at - from) / span) * 100
    const width = Math.max(NARROWEST, ((end - Math.max(run.started_at, from)) / span) * 100)
    const free = lane.ends.findIndex((taken) => taken <= left)
    const row = free >= 0 ? free : Math.min(lane.ends.length, MOST_ROWS - 1)
    lane.ends[row] = left + width
    lane.bars.push({ run, left: Math.min(left, 100 - NARROWEST), width, row })
  }
  return [...lanes.entries()]
    .map(([profile, { bars, ends }]) => ({ profile, bars, rows: ends.length }))
    .sort((a, b) => a.profile.localeCompare(b.profile))
}

const STEPS = [
  ...[5, 15, 30, 60, 180, 360, 720].map((minutes) => minutes * MINUTE),
  ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * DAY),
]
const MOST_MARKS = 8

export interface TimeMark {
  at: number
  /** Whether the mark is a day, not a time of day. */
  isDay: boolean
}

/** @returns round times of day, or days, to mark; few enough to be legible */
export function timeMarks(from: number, to: number): TimeMark[] {
  const step = STEPS.find((candidate) => (to - from) / candidate <= MOST_MARKS) ?? 365 * DAY
  const midnight = new Date(from).setHours(0, 0, 0, 0)
  if (step >= DAY) return dayMarks(midnight, to, step / DAY).filter(({ at }) => at >= from)
  const first = midnight + Math.ceil((from - midnight) / step) * step
  const marks: TimeMark[] = []
  for (let at = first; at < to; at += step) marks.push({ at, isDay: false })
  return marks
}

/** Marks every Nth midnight by calendar, because not all days have 24 hours. */
function dayMarks(midnight: number, to: number, days: number): TimeMark[] {
  const marks: TimeMark[] = []
  const day = new Date(midnight)
  for (; day.getTime() < to; day.setDate(day.getDate() + days)) marks.push({ at: day.getTime(), isDay: true })
  return marks
}
