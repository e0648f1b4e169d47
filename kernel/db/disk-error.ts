import { OperationError } from '../../contract/index.ts'

/** SQLite's errors for a problem of the disk, not of the file. */
const WHAT: readonly [code: string, words: string][] = [
  ['SQLITE_FULL', 'its disk is full'],
  ['SQLITE_IOERR', 'its disk is full, or reported an error'],
  ['SQLITE_READONLY', 'it may not be written by you, or its disk is read-only'],
  ['SQLITE_CANTOPEN', 'it, or its folder, may not be opened by you'],
]

/**
 * @param path of the board's file
 * @param error the thrown error
 * @returns the error for a person if the disk refused the write, else null
 */
export function diskError(path: string, error: unknown): OperationError | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const words = WHAT.find(([prefix]) => code.startsWith(prefix))?.[1]
  if (words === undefined || !(error instanceof Error)) return null
  return new OperationError(
    'INTERNAL',
    `The board’s file ${path} could not be used: ${words} (${error.message}). Nothing was changed; fix that and try again.`,
    { path },
    { cause: error },
  )
}
