import { statSync } from 'node:fs'
import { errorCode, errorMessage } from '../../home/system-error.ts'
import { GitMissingError, WorkerSetupError } from '../setup-error.ts'

/** The most that git may print. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024
/** The most for a list of paths, such as that of a worker's millions of new files. A string holds 512 MB. */
const MAX_LIST_BYTES = 400 * 1024 * 1024

/** Every list of paths ends its entries with NUL, because a name may contain anything else. */
export function maxOutputBytes(args: readonly string[]): number {
  return args.includes('-z') ? MAX_LIST_BYTES : MAX_OUTPUT_BYTES
}

/** git reported a failure. `message` is git's own, turned into a sentence. */
export class GitError extends WorkerSetupError {
  readonly stdout: string
  readonly stderr: string
  /** null when it was ended by a signal, or by us. */
  readonly exit_code: number | null

  /** It was stopped because it took too long. */
  readonly timed_out: boolean

  constructor(
    message: string,
    said: { stdout: string; stderr: string; timed_out?: boolean },
    cause: unknown,
  ) {
    super(message, { cause })
    this.stdout = said.stdout
    this.stderr = said.stderr
    this.exit_code = exitCodeOf(cause)
    this.timed_out = said.timed_out === true
  }
}

function exitCodeOf(cause: unknown): number | null {
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : null
  return typeof code === 'number' ? code : null
}

/** @returns the error for a git that waits for the other end of a pipe */
export function waitsFor(pipe: string, command: string, cause: Error): WorkerSetupError {
  return new WorkerSetupError(
    `git ${command} would wait for ever: ${pipe} is a FIFO, and git reads it. Remove it, or put a file in its place.`,
    { cause },
  )
}

/** @returns the error for a git that failed, took too long or printed too much, or that is not there */
export function gitProblem(
  error: Error,
  output: { stdout: string; stderr: string; timed_out: boolean },
  cwd: string,
  name: string,
  limits: { timeout_ms: number; output_bytes: number },
): WorkerSetupError {
  if (errorCode(error) === 'ENOENT') {
    const folder = statSync(cwd, { throwIfNoEntry: false })?.isDirectory()
    return folder
      ? new GitMissingError('git is not installed, or not on the PATH.', { cause: error })
      : new WorkerSetupError(`The folder ${cwd} is not there.`, { cause: error })
  }
  const command = `git ${name}`
  if (output.timed_out) {
    const what = `${command} took longer than ${limits.timeout_ms / 1_000} s in ${cwd}`
    return new GitError(`${what}, and was stopped with all that it had started.`, output, error)
  }
  if (errorCode(error) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return new GitError(
      `${command} printed more than ${limits.output_bytes / 1024 / 1024} MB in ${cwd}.`,
      output,
      error,
    )
  }
  const stderr = output.stderr.trim()
  const said = stderr.split('\n').find((line) => /^(fatal|error):/.test(line)) ?? stderr.split('\n')[0]
  const reason = (said || errorMessage(error)).replace(/^(fatal|error): /, '').replace(/[.;]$/, '')
  return new GitError(`${command} failed in ${cwd}: ${reason}.`, output, error)
}
