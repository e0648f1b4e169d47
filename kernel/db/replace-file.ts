import { linkSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { OperationError } from '../../contract/index.ts'
import { isMissing, isProcess, removeFile, syncFolder, writeFileAtomic } from '../home/files.ts'

/** Two renames cannot be atomic. A note beside the file describes the replacement, so that it can be finished. */
interface Replacement {
  /** Absolute path of the new file. */
  readied: string
  /** Absolute path that the old file is moved to. */
  aside: string
}

const NOTE = /^board\.db\.restoring\.(\d+)\.json$/
/**
 * A replacement takes moments: an older note was left by a process that died, even if another process has its pid
 * now.
 */
const STALE_MS = 60_000

const notePath = (boardPath: string, pid = process.pid) => `${boardPath}.restoring.${pid}.json`
const isThere = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined

/** The steps after which tests end the process. */
export type ReplaceStep = 'noted' | 'log_aside' | 'file_aside' | 'placed'

/**
 * Puts a prepared file in place of an unusable one, which is moved aside with its log. If the process dies in
 * between, it leaves a note, and the next process that opens the board finishes the replacement.
 *
 * @param readied absolute path of a complete board, without a log
 * @param boardPath must be closed in this process
 * @returns the new path of the old file; null when there was none
 */
export function replaceFile(
  readied: string,
  boardPath: string,
  now: number,
  atStep: (step: ReplaceStep) => void = () => undefined,
): string | null {
  const stamp = new Date(now).toISOString().replace(/[-:.]/g, '')
  const aside = `${boardPath}.replaced.${stamp}.bak`
  const isReplaced = isThere(boardPath) || isThere(`${boardPath}-wal`)
  writeFileAtomic(notePath(boardPath), JSON.stringify({ readied, aside } satisfies Replacement))
  atStep('noted')
  finish(boardPath, { readied, aside }, atStep)
  removeFile(notePath(boardPath))
  return isReplaced ? aside : null
}

/** Does the remaining steps; each may have been done before. */
function finish(
  boardPath: string,
  { readied, aside }: Replacement,
  atStep: (step: ReplaceStep) => void,
): void {
  if (!isThere(readied)) return
  if (isThere(`${boardPath}-wal`)) renameSync(`${boardPath}-wal`, `${aside}-wal`)
  atStep('log_aside')
  // The index of that log: SQLite rebuilds it, and it holds no content of the board.
  rmSync(`${boardPath}-shm`, { force: true })
  if (isThere(boardPath) && !isThere(aside)) keepAside(boardPath, aside)
  atStep('file_aside')
  renameSync(readied, boardPath)
  atStep('placed')
  syncFolder(dirname(boardPath))
}

/** With a hard link, so that the file exists at every moment; by a rename on a disk without hard links. */
function keepAside(boardPath: string, aside: string): void {
  try {
    linkSync(boardPath, aside)
  } catch {
    renameSync(boardPath, aside)
  }
}

/**
 * Finishes a replacement of a process that died. Call before the file is opened.
 *
 * @throws OperationError BUSY while another process is replacing it
 */
export function finishReplacement(boardPath: string): void {
  for (const name of notesIn(dirname(boardPath))) {
    const note = join(dirname(boardPath), name)
    const pid = Number(NOTE.exec(name)?.[1])
    const age = Math.abs(Date.now() - (statSync(note, { throwIfNoEntry: false })?.mtimeMs ?? 0))
    if (pid !== process.pid && isProcess(pid) && age < STALE_MS) throw beingRestored(boardPath, pid)
    const mine = notePath(boardPath)
    try {
      // If several processes find it, one gets it.
      renameSync(note, mine)
    } catch (error) {
      if (isMissing(error)) throw beingRestored(boardPath, null)
      throw error
    }
    const replacement = readNote(mine, boardPath)
    if (replacement !== null) finish(boardPath, replacement, () => undefined)
    removeFile(mine)
  }
}

function notesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => NOTE.test(name))
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** @returns null for a note that leads out of the board's folder: it is not ours */
function readNote(path: string, boardPath: string): Replacement | null {
  try {
    const { readied, aside } = JSON.parse(readFileSync(path, 'utf8')) as Partial<
      Record<keyof Replacement, unknown>
    >
    if (typeof readied !== 'string' || typeof aside !== 'string') return null
    // The folder may have been moved since.
    const here = (name: string) => join(dirname(boardPath), basename(name))
    return { readied: here(readied), aside: here(aside) }
  } catch {
    return null
  }
}

function beingRestored(boardPath: string, pid: number | null): OperationError {
  const who = pid === null ? 'another process' : `process ${pid}`
  return new OperationError(
    'BUSY',
    `A backup of the board ${boardPath} is being restored by ${who}; try again.`,
    {
      path: boardPath,
    },
  )
}
