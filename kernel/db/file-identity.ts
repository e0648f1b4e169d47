import { statSync } from 'node:fs'

/**
 * @returns what tells a file from every other, however its path is written; null where there is none. Looks at the
 *   folder only, never into the file.
 */
export function identityOf(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`
}
