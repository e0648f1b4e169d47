import { SATISFIED_STATUSES } from '../../contract/index.ts'

/** Names of the contract as SQL text, for `IN (…)`. There is nothing to escape in them. */
export const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ')

/** For `status IN (…)`: a parent in one of these holds its children back no longer. */
export const SATISFIED = quoted(SATISFIED_STATUSES)
