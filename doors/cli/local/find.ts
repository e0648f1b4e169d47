import { operationList } from '../../../contract/index.ts'
import type { Operation } from '../verbs.ts'

/** @returns the operation whose answer that view prints: how verbs of this door find the ones they are made of */
export function operationWithView(view: string): Operation {
  const found = operationList.find(([, spec]) => spec.cli?.view === view)
  if (found === undefined) throw new Error(`No operation of the contract is printed by the view “${view}”.`)
  return { name: found[0], spec: found[1], view }
}
