import { isAbsolute, normalize } from 'node:path'
import { OperationError } from '../../contract/index.ts'
import { expandHome } from '../home/home-path.ts'

/**
 * Doors resolve a path against their caller's working directory. A path that arrives relative has no folder to
 * resolve it against.
 *
 * @param field the name of the field, as the caller knows it
 * @throws OperationError INVALID_INPUT
 */
export function requireAbsolute(field: string, given: string): string {
  const path = expandHome(given)
  if (isAbsolute(path)) return normalize(path)
  throw new OperationError('INVALID_INPUT', `${field} must be an absolute path; “${path}” is not.`)
}
