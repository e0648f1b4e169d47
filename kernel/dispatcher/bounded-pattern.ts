import { createContext, Script } from 'node:vm'
import { lazily } from '../../contract/lazily.ts'
import { clipLine } from '../../formats/controls.ts'
import { errorCode } from '../home/system-error.ts'

/** For all lines together. A harmless pattern takes microseconds. */
const LIMIT_MS = 250
/** A longer line is not an error message. */
const LINE_CHARS = 1_000

export interface Matched {
  /** In the order given. */
  lines: string[]
  /** The pattern took too long, so the result is unknown: a pattern such as `(a+)+$` takes years on some lines. */
  gaveUp: boolean
}

const matching = lazily(
  () =>
    new Script(
      'const expression = new RegExp(pattern, "i"); JSON.stringify(lines.map((line) => expression.test(line)))',
    ),
)

/**
 * Finds the lines that a user's pattern matches, in bounded time. The worker chooses the lines, and a JavaScript
 * regular expression can take exponential time on them. Only V8's own time limit can interrupt one, in this thread or
 * another.
 *
 * @param pattern a regular expression, matched case-insensitively
 */
export function matchLines(pattern: string, lines: readonly string[]): Matched {
  const clipped = lines.map((line) => clipLine(line, LINE_CHARS))
  try {
    const answer: unknown = matching().runInContext(createContext({ pattern, lines: clipped }), {
      timeout: LIMIT_MS,
    })
    const matched = JSON.parse(String(answer)) as boolean[]
    return { lines: lines.filter((_line, index) => matched[index] === true), gaveUp: false }
  } catch (error) {
    if (errorCode(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { lines: [], gaveUp: true }
    throw error
  }
}
