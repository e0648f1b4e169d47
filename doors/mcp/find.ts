import { operationList } from '../../contract/index.ts'
import type { HttpDoor, OperationName } from '../../contract/index.ts'

/** @returns the operation at that address: how this door names what it needs beside its tools */
export function operationAt(method: HttpDoor['method'], path: HttpDoor['path']): OperationName {
  const found = operationList.find(([, spec]) => spec.http?.method === method && spec.http.path === path)
  if (found === undefined) throw new Error(`The contract has no ${method} ${path}.`)
  return found[0]
}
