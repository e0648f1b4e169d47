import { SATISFIED_STATUSES } from '../../contract/index.ts'

/** Names of the contract as SQL text, for `IN (…)`. None needs escaping. */
export const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ')

/** For `status IN (…)`: a parent in one of these does not hold its children back. */
export const SATISFIED = quoted(SATISFIED_STATUSES)
