import type { Readable, Writable } from 'node:stream'
import type { Kernel, KernelOptions } from '../../kernel/index.ts'

/** Where output goes. A terminal says so, and how wide it is. */
export type Output = Writable & { isTTY?: boolean; columns?: number }

/** All that the command line takes from its surroundings, so that a test can be the surroundings. */
export interface Io {
  env: Record<string, string | undefined>
  stdin: Readable
  stdout: Output
  stderr: Output
  /** Absolute. Relative paths in arguments start here. */
  cwd: string
  /** Aborted when the person, or the system, asks the process to end; the reason is the name of the signal. */
  signal?: AbortSignal
  /** Used instead of opening one; it is then not closed either. */
  kernel?: Kernel
  /** The file that workers call, and the program that runs it. */
  cli?: KernelOptions['cli']
  /** Milliseconds since the epoch. */
  now?: () => number
}

/** Whose reader has gone, as with `runboard list | head -1`: there is nobody left to tell. */
function isGone(output: Output, { code }: NodeJS.ErrnoException): boolean {
  // A terminal that was closed says EIO; from a file it means a disk that does not work.
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || (code === 'EIO' && output.isTTY === true)
}

/** What became of outputs that take no more. */
const lost = new WeakMap<Output, Error>()

/**
 * Notes when `output` takes no more, instead of letting that end the process with a stack.
 *
 * @param left called once then
 */
export function watchOutput(output: Output, left: () => void): void {
  output.on('error', (error: Error) => {
    if (!lost.has(output)) lost.set(output, error)
    left()
  })
}

/**
 * @returns why something of the output is missing, such as a disk that is full; undefined where all is written, or where
 *   its reader has gone and wants no more
 */
export function unwritten(output: Output): Error | undefined {
  // The stream knows at once; its event comes later.
  const error = lost.get(output) ?? output.errored ?? undefined
  return error === undefined || isGone(output, error) ? undefined : error
}

/** Writes, and waits where the reader is slower than we are. What is written for one that takes no more is dropped. */
export async function write(output: Output, chunk: string | Uint8Array): Promise<void> {
  if (lost.has(output) || output.destroyed || chunk.length === 0) return
  try {
    if (output.write(chunk)) return
  } catch (error) {
    // Some versions of Node throw what others tell by an event.
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
