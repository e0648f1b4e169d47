import { realpathSync, statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { OperationError } from '../../contract/index.ts'
import { expandHome } from './home-path.ts'

/**
 * @returns the real path of a project folder
 * @param given an absolute path; a `~` at its start stands for the user's home folder
 * @throws OperationError INVALID_INPUT for a relative path, CONFLICT unless it leads to a folder
 */
export function requireProjectFolder(given: string): string {
  const path = expandHome(given)
  if (!isAbsolute(path)) {
    throw new OperationError('INVALID_INPUT', `project_dir must be an absolute path; “${path}” is not.`)
  }
  const stat = statOf(path)
  if (stat?.isDirectory() === true) return realpathSync(path)
  const what = stat === null ? 'does not exist, or cannot be reached' : 'is not a folder'
  throw new OperationError('CONFLICT', `The project folder ${path} ${what}.`, { path })
}

function statOf(path: string) {
  try {
    return statSync(path, { bigint: true })
  } catch {
    return null
  }
}

/** Whether two paths lead to one folder: through links, bind mounts, and names that differ only in case too. */
export function isSameFolder(one: string, other: string): boolean {
  if (realPathOf(one) === realPathOf(other)) return true
  const [a, b] = [statOf(one), statOf(other)]
  return a !== null && b !== null && a.ino === b.ino && a.dev === b.dev && a.ino !== 0n
}

/** @returns the path with its links followed */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // A project folder that is missing for now is compared as it was written.
    return path
  }
}
