import { operationList } from '../../../contract/index.ts'
import type { Operation } from '../verbs.ts'

/** @returns the operation whose answer the view prints; local verbs find the operations that they use by this */
export function operationWithView(view: string): Operation {
  const found = operationList.find(([, spec]) => spec.cli?.view === view)
  if (found === undefined) throw new Error(`No operation of the contract is printed by the view “${view}”.`)
  return { name: found[0], spec: found[1], view }
}
