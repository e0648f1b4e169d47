import { ATTENTION_EVENT_KINDS, type BoardEvent, FAILURE_EVENT_KINDS } from '../../../contract/index.ts'
import { brief } from './fields.ts'
import type { Printer } from './printer.ts'
import { cut, oneLine, pad, widthOf } from './text.ts'
import { clockTime } from './time.ts'

const FAILURES: readonly string[] = FAILURE_EVENT_KINDS
const ATTENTION: readonly string[] = ATTENTION_EVENT_KINDS
const KIND_WIDTH = 18

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Times in a payload are formatted, other values printed unchanged. */
function payloadValue(key: string, value: unknown): string {
  return typeof value === 'number' && key.endsWith('_at') ? clockTime(value) : oneLine(brief(value))
}

function payloadLine(event: BoardEvent): string {
  if (event.payload === null) return ''
  return Object.entries(event.payload)
    .filter(([, value]) => !isEmpty(value))
    .map(([key, value]) => `${oneLine(key)}=${payloadValue(key, value)}`)
    .join(' ')
}

/** @returns one line, cut to the terminal's width, with a line break */
export function eventLine(event: BoardEvent, { paint, width }: Printer): string {
  const kind = pad(event.kind, KIND_WIDTH)
  const coloured = FAILURES.includes(event.kind)
    ? paint.red(kind)
    : ATTENTION.includes(event.kind)
      ? paint.yellow(kind)
      : kind
  const time = clockTime(event.created_at)
  const task = pad(event.task_id ?? '', 10)
  const run = event.run_id === null ? '' : `run ${String(event.run_id)} `
  const tail = `${run}by ${oneLine(event.actor)} ${payloadLine(event)}`.trimEnd()
  const left = width - widthOf(`${time}  ${task}  ${kind}  `) - 2
  return `${paint.dim(time)}  ${task}  ${coloured}  ${cut(tail, Math.max(10, left))}\n`
}
