import type { Readable, Writable } from 'node:stream'
import type { Kernel, KernelOptions } from '../../kernel/index.ts'

/** An output stream. A terminal sets `isTTY` and its width. */
export type Output = Writable & { isTTY?: boolean; columns?: number }

/** Everything that the command line takes from its environment, so that a test can supply it. */
export interface Io {
  env: Record<string, string | undefined>
  stdin: Readable
  stdout: Output
  stderr: Output
  /** Absolute. Relative paths in arguments are resolved from here. */
  cwd: string
  /** Aborted when the user or the system asks the process to end; the reason is the name of the signal. */
  signal?: AbortSignal
  /** Used instead of opening a kernel; it is then not closed either. */
  kernel?: Kernel
  /** The file that workers call, and the program that runs it. */
  cli?: KernelOptions['cli']
  /** Milliseconds since the epoch. */
  now?: () => number
}

/** Whether the reader has gone, as in `runboard list | head -1`: nobody is left to report to. */
function isGone(output: Output, { code }: NodeJS.ErrnoException): boolean {
  // EIO on a terminal means that it was closed; on a file it means a broken disk.
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || (code === 'EIO' && output.isTTY === true)
}

/** The error of each output that can no longer be written. */
const lost = new WeakMap<Output, Error>()

/** The outputs that a command has used. */
export type UsedOutputs = Partial<Record<'stdout' | 'stderr', Output>>

/**
 * Records write errors of the outputs, which would otherwise end the process with a stack trace.
 *
 * @param left called at the first error of each
 * @returns the same surroundings, and the outputs that have been asked for there: only those are watched, because Node makes
 *   a standard output when it is first asked for, which takes time
 */
export function watchOutputs(io: Io, left: () => void): { io: Io; used: UsedOutputs } {
  const used: UsedOutputs = {}
  const watched = (name: 'stdout' | 'stderr') => {
    const output = used[name] ?? io[name]
    if (used[name] === undefined) {
      output.on('error', (error: Error) => {
        if (!lost.has(output)) lost.set(output, error)
        left()
      })
    }
    used[name] = output
    return output
  }
  const outputs = { stdout: { get: () => watched('stdout') }, stderr: { get: () => watched('stderr') } }
  return { io: Object.create(io, outputs) as Io, used }
}

/**
 * @param output undefined if it was not used
 * @returns why part of the output is missing, such as a full disk; undefined when all of it was written, or when its
 *   reader has gone
 */
export function unwritten(output: Output | undefined): Error | undefined {
  if (output === undefined) return undefined
  // The stream knows its error at once; the event comes later.
  const error = lost.get(output) ?? output.errored ?? undefined
  return error === undefined || isGone(output, error) ? undefined : error
}

/** Writes, and waits for a slow reader. Anything written to a lost output is dropped. */
export async function write(output: Output, chunk: string | Uint8Array): Promise<void> {
  if (lost.has(output) || output.destroyed || chunk.length === 0) return
  try {
    if (output.write(chunk)) return
  } catch (error) {
    // Some versions of Node throw where others emit an event.
    lost.set(output, error as Error)
    return
  }
  if (output.errored !== null && output.errored !== undefined) return
  await new Promise<void>((resolve) => {
    const done = () => {
      for (const name of ['drain', 'close', 'error']) output.off(name, done)
      resolve()
    }
    for (const name of ['drain', 'close', 'error']) output.on(name, done)
  })
}
