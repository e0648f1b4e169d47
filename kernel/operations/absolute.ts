import { isAbsolute, normalize } from 'node:path'
import { OperationError } from '../../contract/index.ts'

/**
 * Doors make a path absolute from where their caller stands; what comes otherwise has no such place.
 *
 * @param field as the caller knows it
 * @throws OperationError INVALID_INPUT
 */
export function requireAbsolute(field: string, path: string): string {
  if (isAbsolute(path)) return normalize(path)
  throw new OperationError('INVALID_INPUT', `${field} must be an absolute path; “${path}” is not.`)
}
