import type { ShownOutcome, TaskStatus } from '../../../contract/index.ts'
import { shownOutcomeName } from '../../../formats/shown-outcome.ts'

/** Colours, or none when the output does not show them. */
export type Paint = Record<keyof typeof CODES, (text: string) => string>

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const

const names = Object.keys(CODES) as (keyof typeof CODES)[]

/** @param coloured whether the output is a terminal that shows colours */
export function createPaint(coloured: boolean): Paint {
  const painters = names.map((name) => {
    const [on, off] = CODES[name]
    const painter = (text: string) =>
      coloured && text !== '' ? `\u001b[${String(on)}m${text}\u001b[${String(off)}m` : text
    return [name, painter] as const
  })
  return Object.fromEntries(painters) as Paint
}

type Colour = keyof typeof CODES

/** The colours of outcomes in the run history, as on the screen. */
const OUTCOME_COLOURS: Record<ShownOutcome, Colour> = {
  completed: 'blue',
  review_requested: 'magenta',
  blocked: 'yellow',
  crashed: 'red',
  ended_without_a_report: 'yellow',
  timed_out: 'red',
  stale: 'red',
  spawn_failed: 'red',
  gave_up: 'red',
  verify_failed: 'red',
  rate_limited: 'yellow',
  reclaimed: 'yellow',
  stopped: 'dim',
}

const STATUS_COLOURS: Record<TaskStatus, Colour> = {
  triage: 'dim',
  todo: 'dim',
  ready: 'cyan',
  running: 'green',
  review: 'magenta',
  blocked: 'yellow',
  done: 'blue',
  archived: 'dim',
}

export function paintStatus(paint: Paint, status: TaskStatus): string {
  return paint[STATUS_COLOURS[status]](status)
}

/** @param outcome null for a run that is still open */
export function paintOutcome(paint: Paint, outcome: ShownOutcome | null): string {
  const said = outcomeText(outcome)
  return outcome === null ? paint.green(said) : paint[OUTCOME_COLOURS[outcome]](said)
}

/** @param outcome null for a run that is still open */
export function outcomeText(outcome: ShownOutcome | null): string {
  return outcome === null ? 'running' : shownOutcomeName(outcome)
}
