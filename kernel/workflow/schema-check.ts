import { createContext, Script } from 'node:vm'
import { jsonSchemaChecker, type SchemaProblem } from '../../contract/json-schema.ts'
import { lazily } from '../../contract/lazily.ts'

/** Checks of values against the JSON Schemas of workflow files and questions, with a limit of time. */

export type Schema = Record<string, unknown>
type Check = (value: unknown) => SchemaProblem[]

/** Compiled schemas. The same object is used as long as its definition is in memory. */
const checks = new WeakMap<object, Check>()

/**
 * How long the check of one value may take, in milliseconds by the clock on the wall: long enough for a harmless schema on a
 * machine that is busy with other things.
 */
const MOST_MS = 2000
/** The same for the form of a question: a worker writes its schema, and no person has looked at it before it is used. */
export const MOST_FORM_MS = 500

/**
 * @param mostMs how long the check may take
 * @returns what does not match, or that the check took too long
 * @throws Error when the schema itself is not usable
 */
export function problemsIn(schema: Schema, value: unknown, mostMs = MOST_MS): SchemaProblem[] {
  return inTime(mostMs, () => checkOf(schema)(value))
}

/** @returns why a schema is not usable; null when it is */
export function whyUnusable(schema: Schema): string | null {
  try {
    return inTime(MOST_MS, () => (checkOf(schema), [])).at(0)?.message ?? null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function checkOf(schema: Schema): Check {
  const known = checks.get(schema)
  if (known !== undefined) return known
  const check = jsonSchemaChecker(schema)
  checks.set(schema, check)
  return check
}

/**
 * Some schemas take exponential time for some values: by their regular expressions, or by alternatives within alternatives.
 * Values are checked in the write transaction and in the process that serves everybody, which must not wait for one: `vm`
 * is what can interrupt both.
 */
function inTime(mostMs: number, check: () => SchemaProblem[]): SchemaProblem[] {
  const { context, call } = guard()
  context.check = check
  try {
    return call.runInContext(context, { timeout: mostMs }) as SchemaProblem[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return [{ path: [], message: `the check by the JSON Schema took longer than ${mostMs / 1000} s` }]
  } finally {
    context.check = null
  }
}

const guard = lazily(() => ({
  context: createContext({ check: null }) as { check: (() => SchemaProblem[]) | null },
  call: new Script('check()'),
}))
