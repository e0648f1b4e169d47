import { operationList } from '../../contract/index.ts'
import type { HttpDoor, OperationName } from '../../contract/index.ts'

/** @returns the operation at that address; this door finds the operations behind its resources by this */
export function operationAt(method: HttpDoor['method'], path: HttpDoor['path']): OperationName {
  const found = operationList.find(([, spec]) => spec.http?.method === method && spec.http.path === path)
  if (found === undefined) throw new Error(`The contract has no ${method} ${path}.`)
  return found[0]
}
