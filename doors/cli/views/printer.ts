import type { Session } from '../session.ts'
import { createPaint, type Paint } from './paint.ts'

/** What a view needs to know about its output. */
export interface Printer {
  paint: Paint
  /** Columns of the terminal; Infinity without a terminal, so nothing is cut. */
  width: number
  terminal: boolean
  /** Milliseconds since the epoch. */
  now: number
  /** The verb that was called, as typed. */
  verb: readonly string[]
}

/** Turns an operation's answer into text that ends with a line break, or into an empty string. */
export type View = (answer: unknown, printer: Printer) => string

const NARROWEST = 40

export function createPrinter(session: Session): Printer {
  const { stdout, env } = session.io
  const terminal = stdout.isTTY === true
  const coloured = terminal && env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb'
  return {
    paint: createPaint(coloured),
    width: terminal ? Math.max(NARROWEST, stdout.columns ?? 100) : Number.POSITIVE_INFINITY,
    terminal,
    now: session.now(),
    verb: [],
  }
}
