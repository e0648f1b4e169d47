import type { spawn as nodeSpawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'
import type { WorkerExit } from '../process/keeper.ts'
import { clearWay, openRegular, type Way } from '../../home/regular-file.ts'
import { WorkerSetupError } from '../setup-error.ts'
import { errorCode, errorMessage } from '../../home/system-error.ts'

export interface StartWorkerOptions {
  /** Absolute path of the program (see resolveExecutable). */
  file: string
  args: readonly string[]
  /** The workspace; it must exist. */
  cwd: string
  /** The whole environment of the worker: ours is not added. */
  env: Record<string, string>
  /** File that becomes the worker's stdin, or null for an empty one. */
  stdin_path: string | null
  /** Absolute. Created if missing, appended to: stdout and stderr in the order written. */
  log_path: string
  /** Absolute. The keeper writes the status there (readExitFile). An older file is removed. */
  exit_path: string
  /** How long the two shells may take until the pid is known, in milliseconds. */
  handshake_ms?: number
  spawn?: typeof nodeSpawn
}

/** A worker that waits for `go()`. Record its pid and key first, so that the board knows every worker that runs. */
export interface StartedWorker {
  pid: number
  started_key: string
  /** The shell that waits for the worker; also the id of the worker's session and process group. */
  keeper_pid: number
  /** Starts the worker's program. Call once, and not after cancel(). */
  go(): void
  /** Ends the worker without starting the program; the exit file then says 'never_started'. */
  cancel(): void
  /** Never rejects. Resolves when the worker itself is gone; both fields are null when its exit was not seen. */
  exited: Promise<WorkerExit>
}

/** Reports a problem before spawn does: spawn's ENOENT would name /bin/sh when the folder is missing. */
export function checkOptions({ file, cwd, log_path, exit_path }: StartWorkerOptions): void {
  for (const path of [file, cwd, log_path, exit_path]) {
    if (!isAbsolute(path)) throw new WorkerSetupError(`“${path}” is not an absolute path.`)
  }
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    throw new WorkerSetupError(`The workspace ${cwd} is not there or is not a folder.`)
  }
}

/** Opens the files that become the worker's stdin and output. The caller closes them after the spawn. */
export function openWorkerFiles({ stdin_path, log_path, exit_path }: StartWorkerOptions): {
  input: number
  output: number
} {
  try {
    mkdirSync(dirname(exit_path), { recursive: true, mode: 0o700 })
    mkdirSync(dirname(log_path), { recursive: true, mode: 0o700 })
    clearWay(exit_path)
  } catch (error) {
    throw new WorkerSetupError(`The run’s folder cannot be prepared: ${errorMessage(error)}.`, {
      cause: error,
    })
  }
  const output = openOrRefuse(log_path, 'append', 'log file', 'be written')
  try {
    const nothing = process.platform === 'win32' ? '\\\\.\\NUL' : '/dev/null'
    const input =
      stdin_path === null
        ? openSync(nothing, 'r')
        : openOrRefuse(stdin_path, 'read', 'file for its stdin', 'be read')
    return { input, output }
  } catch (error) {
    closeSync(output)
    throw error
  }
}

function openOrRefuse(path: string, way: Way, what: string, wanted: string): number {
  try {
    return openRegular(path, way)
  } catch (error) {
    throw new WorkerSetupError(`The worker’s ${what} ${path} cannot ${wanted}: ${errorMessage(error)}.`, {
      cause: error,
    })
  }
}

/** The sentence for an error of `spawn`, thrown or sent as an 'error' event. */
export function spawnProblem(error: unknown, { cwd, file }: StartWorkerOptions): WorkerSetupError {
  const sentences: Record<string, string> = {
    E2BIG:
      'The command line with its environment is too long for this system. Give the worker its context in a file ' +
      '({context_file}) or on stdin instead of in {prompt}.',
    EAGAIN:
      'The system refused to start another process: the process limit is reached. Run fewer workers in parallel.',
    EMFILE: 'Runboard has too many open files to start another worker. Run fewer workers in parallel.',
    ENFILE: 'The system has too many open files to start another worker. Run fewer workers in parallel.',
    ENOMEM: 'The system has no memory left to start another worker.',
    EACCES: `Permission denied for the workspace ${cwd}.`,
    ENOENT: `The workspace ${cwd} went away, or /bin/sh is missing.`,
  }
  const sentence = sentences[errorCode(error) ?? ''] ?? `${file} cannot be started: ${errorMessage(error)}.`
  return new WorkerSetupError(sentence, { cause: error })
}
