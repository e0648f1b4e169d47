import { statSync } from 'node:fs'

/**
 * @returns a key that is the same for a file by any path; null if there is none. Reads only the folder entry, never
 *   the file.
 */
export function identityOf(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`
}
