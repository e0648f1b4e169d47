import { rmSync } from 'node:fs'
import { constants } from 'node:os'
import { duration, MINUTE } from '../../../formats/time.ts'
import type { WorkerExit } from '../process/keeper.ts'
import { tailLog } from '../log/log-file.ts'
import { moveAside } from '../../home/regular-file.ts'
import { errorMessage } from '../../home/system-error.ts'
import type { StartedWorker } from './spawn-options.ts'
import { startWorker } from './spawn.ts'

/** A check that takes longer than this has failed. */
export const CHECK_LIMIT_MS = 30 * MINUTE
/** The statuses by which a shell says that it could not run the command: they say nothing about the work. */
export const NOT_RUN: readonly unknown[] = [126, 127]
const KEPT_LINES = 30
const KEPT_BYTES = 64 * 1024

export interface VerifyResult {
  /** The shell's status; 124 when it took too long, 128 + n when a signal ended it, as in shells. */
  exit_code: number
  /** The last thirty lines of its output. */
  output: string
  /** The file with all of its output; null for a check that could not be started. */
  log_path: string | null
  /** Why the status is not the command's own; null when it is. */
  problem: string | null
}

/** @returns the result of a check that could not be started, with the status that a shell would give */
export function notStarted(error: unknown): VerifyResult {
  const problem = errorMessage(error)
  return { exit_code: 127, output: problem, log_path: null, problem }
}

export interface CheckOptions {
  /** Absolute path of the workspace. */
  cwd: string
  env: Record<string, string>
  log_path: string
}

/** The file beside a check's log in which its keeper writes the status. */
export function checkExitPath(logPath: string): string {
  return logPath.replace(/\.log$/, '.exit')
}

/**
 * Starts a check the way a worker is started: under a keeper, with its output in a file. Its program begins at
 * `go()`.
 *
 * @param command a line for the shell
 * @throws WorkerSetupError
 */
export async function startCheck(
  command: string,
  { cwd, env, log_path }: CheckOptions,
): Promise<StartedWorker> {
  makeRoom(log_path)
  const windows = process.platform === 'win32'
  return startWorker({
    file: windows ? (env['ComSpec'] ?? 'C:\\Windows\\System32\\cmd.exe') : '/bin/sh',
    args: windows ? ['/d', '/s', '/c', command] : ['-c', command],
    cwd,
    env,
    stdin_path: null,
    log_path,
    exit_path: checkExitPath(log_path),
  })
}

/** Removes the log of the last check. Anything else at its path was put there by a worker, and is moved aside. */
function makeRoom(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    moveAside(path)
  }
}

/** The result of a check that has ended. */
export async function checkResult(exit: WorkerExit | null, logPath: string): Promise<VerifyResult> {
  const text = (await tailLog(logPath, KEPT_BYTES)).bytes.toString('utf8')
  const output = text.trimEnd().split('\n').slice(-KEPT_LINES).join('\n')
  const status = statusOf(exit)
  if (status !== null) return { exit_code: status, output, log_path: logPath, problem: null }
  // The status that shells use for a command that did not finish.
  return { exit_code: 125, log_path: logPath, ...because('Nobody saw how it ended.', output) }
}

/** The result of a check that was stopped because it took too long. */
export function lateResult({ output, log_path }: VerifyResult, limitMs: number): VerifyResult {
  const problem = `It took longer than ${duration(limitMs)} and was stopped.`
  return { exit_code: 124, log_path, ...because(problem, output) }
}

function because(problem: string, output: string): Pick<VerifyResult, 'output' | 'problem'> {
  return { problem, output: `${output}\n${problem}`.trimStart() }
}

function statusOf(exit: WorkerExit | null): number | null {
  if (exit === null) return null
  if (exit.exit_code !== null) return exit.exit_code
  return exit.signal === null ? null : 128 + (constants.signals[exit.signal as NodeJS.Signals] ?? 0)
}
