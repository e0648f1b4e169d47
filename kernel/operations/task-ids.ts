import { OperationError, type OperationSpec } from '../../contract/index.ts'
import type { Reader } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'

/** Fields in which a person or an agent types a task id. The ids that a run says it created must be exact. */
const ID_FIELDS = ['id', 'task_id', 'parent_id', 'child_id']
const LIST_FIELDS = ['parents', 'children']

const WHOLE = /^t_[0-9a-f]{8}$/
/** Fewer digits would match some task of almost any board by chance. */
const START = /^(?:t_)?([0-9a-f]{3,8})$/i
const MOST_NAMED = 10

/**
 * Allows a task to be named by the start of its id, `t_1a2` or `1a2`, if that is unique on the board. An exact id
 * wins.
 *
 * @returns the input with whole ids; a value that is not the start of any id is left as it is, so that the error
 *   names it
 * @throws OperationError NOT_FOUND for a start that several tasks share, naming them
 */
export function withWholeIds(
  read: Reader,
  spec: OperationSpec,
  input: Record<string, unknown>,
): Record<string, unknown> {
  const whole = { ...input }
  for (const field of ID_FIELDS) {
    const value = input[field]
    if (field in spec.input.shape && typeof value === 'string') whole[field] = wholeId(read, value)
  }
  for (const field of LIST_FIELDS) {
    const value = input[field]
    if (field in spec.input.shape && Array.isArray(value)) {
      whole[field] = value.map((id: unknown) => (typeof id === 'string' ? wholeId(read, id) : id))
    }
  }
  return whole
}

function wholeId(read: Reader, given: string): string {
  if (WHOLE.test(given)) return given
  const digits = START.exec(given)?.[1]?.toLowerCase()
  if (digits === undefined || read.get(tasks.byId, { id: given }) !== undefined) return given
  const start = `t_${digits}`
  const found = read.all(tasks.startingWith, { start, end: `${start}g`, limit: MOST_NAMED + 1 })
  const [first, second] = found
  if (second === undefined) return first?.id ?? given
  const named = found.slice(0, MOST_NAMED).map(({ id, title }) => `${id} “${title.replace(/\s+/g, ' ')}”`)
  const more = found.length > MOST_NAMED ? ' and others' : ''
  throw new OperationError(
    'NOT_FOUND',
    `“${given}” matches several ids: ${named.join(', ')}${more}. Type more of the id.`,
    { id: given, candidates: found.map(({ id }) => id) },
  )
}
