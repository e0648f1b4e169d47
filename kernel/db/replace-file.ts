import { linkSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { OperationError } from '../../contract/index.ts'
import { isMissing, isProcess, removeFile, syncFolder, writeFileAtomic } from '../home/files.ts'

/** Two renames cannot be one step. A note beside the file says what is being done, so that it can be finished. */
interface Replacement {
  /** Absolute path of the file that is to be the board's. */
  readied: string
  /** Absolute path to which the board's file goes. */
  aside: string
}

const NOTE = /^board\.db\.restoring\.(\d+)\.json$/
/** A replacement takes moments: an older note was left by a process that died, even if another process has its pid now. */
const STALE_MS = 60_000

const notePath = (boardPath: string, pid = process.pid) => `${boardPath}.restoring.${pid}.json`
const isThere = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined

/** What may happen to end the process between two steps, for tests. */
export type ReplaceStep = 'noted' | 'log_aside' | 'file_aside' | 'placed'

/**
 * Puts a readied file in the place of one that cannot be used. That file is moved aside, with the log beside it. A process
 * that dies in between leaves a note, and the next that opens the board finishes it.
 *
 * @param readied absolute path of a whole board, without a log
 * @param boardPath this process has it closed
 * @returns where the file lies now; null when there was none
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

/** Does what is left to do; each step may have been done before. */
function finish(
  boardPath: string,
  { readied, aside }: Replacement,
  atStep: (step: ReplaceStep) => void,
): void {
  if (!isThere(readied)) return
  if (isThere(`${boardPath}-wal`)) renameSync(`${boardPath}-wal`, `${aside}-wal`)
  atStep('log_aside')
  // The index of that log: made again with each log, and no content of the board.
  rmSync(`${boardPath}-shm`, { force: true })
  if (isThere(boardPath) && !isThere(aside)) keepAside(boardPath, aside)
  atStep('file_aside')
  renameSync(readied, boardPath)
  atStep('placed')
  syncFolder(dirname(boardPath))
}

/** By a second name, so that there is a file at every moment; by moving it where the disk has no such names. */
function keepAside(boardPath: string, aside: string): void {
  try {
    linkSync(boardPath, aside)
  } catch {
    renameSync(boardPath, aside)
  }
}

/**
 * Finishes what a process began that died while it replaced the board's file. To be called before the file is opened.
 *
 * @throws OperationError BUSY while another process is at it
 */
export function finishReplacement(boardPath: string): void {
  for (const name of notesIn(dirname(boardPath))) {
    const note = join(dirname(boardPath), name)
    const pid = Number(NOTE.exec(name)?.[1])
    const age = Math.abs(Date.now() - (statSync(note, { throwIfNoEntry: false })?.mtimeMs ?? 0))
    if (pid !== process.pid && isProcess(pid) && age < STALE_MS) throw beingRestored(boardPath, pid)
    const mine = notePath(boardPath)
    try {
      // Of several that find it, one gets it.
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

/** @returns null for a note that leads out of the board's folder: it is none of ours */
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
