import { operationList } from '../../contract/index.ts'
import { localVerbs } from './local/index.ts'
import { groupsOf, type Verb, verbsOf } from './verbs.ts'

/**
 * Every verb of the command line. Help, completion and the reference iterate over this list. A command loads only its own
 * verb (`verbsNamed`).
 */
export const verbs: readonly Verb[] = verbsOf(operationList, localVerbs)

/** First words that several verbs share: `boards`, `profiles`. */
export const groups: readonly string[] = groupsOf(verbs)
