import { createContext, Script } from 'node:vm'
import { jsonSchemaChecker, type SchemaProblem } from '../../contract/json-schema.ts'

/** Checks of values against the JSON Schemas of workflow files, with a limit of time for their regular expressions. */

type Schema = Record<string, unknown>
type Check = (value: unknown) => SchemaProblem[]

/** Compiled schemas. The same object is used as long as its definition is in memory. */
const checks = new WeakMap<object, Check>()

/**
 * @returns what does not match
 * @throws Error when the schema itself is not usable
 */
export function problemsIn(schema: Schema, value: unknown): SchemaProblem[] {
  let check = checks.get(schema)
  if (check === undefined) {
    const plain = jsonSchemaChecker(schema)
    check = hasPattern(schema) ? (one) => inTime(plain, one) : plain
    checks.set(schema, check)
  }
  return check(value)
}

/** @throws Error when the schema is not usable; its message says why */
export function requireUsable(schema: Schema): void {
  jsonSchemaChecker(schema)
}

/**
 * How long one value may take, in milliseconds by the clock on the wall: long enough for a harmless pattern on a machine that
 * is busy with other things.
 */
const MOST_PATTERN_MS = 2000

/**
 * Some regular expressions take exponential time for some texts. Reports are checked in the write transaction, which must
 * not wait for one: `vm` is what can interrupt a regular expression.
 */
function inTime(check: Check, value: unknown): SchemaProblem[] {
  guard.check = () => check(value)
  try {
    return call.runInContext(guard, { timeout: MOST_PATTERN_MS }) as SchemaProblem[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return [
      { path: [], message: `a pattern of the JSON Schema took longer than ${MOST_PATTERN_MS / 1000} s` },
    ]
  } finally {
    guard.check = null
  }
}

const guard = createContext({ check: null }) as { check: (() => SchemaProblem[]) | null }
const call = new Script('check()')

function hasPattern(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  return Object.entries(schema).some(
    ([name, value]) => name === 'pattern' || name === 'patternProperties' || hasPattern(value),
  )
}
