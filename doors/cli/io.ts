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

/** A closed pipe, a stream that was ended, a terminal that was closed. */
const GONE_CODES = ['EPIPE', 'ERR_STREAM_DESTROYED', 'EIO']

/** Whose reader has gone, as with `runboard list | head -1`: there is nobody left to tell. */
const gone = new WeakSet<Output>()

/**
 * Notes when the reader of `output` goes away, instead of letting that end the process with a stack.
 *
 * @param left called once then
 */
export function watchReader(output: Output, left: () => void): void {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (!GONE_CODES.includes(error.code ?? '')) throw error
    if (gone.has(output)) return
    gone.add(output)
    left()
  })
}

/** Writes, and waits where the reader is slower than we are. What is written for a reader that has gone is dropped. */
export async function write(output: Output, chunk: string | Uint8Array): Promise<void> {
  if (gone.has(output) || output.destroyed || chunk.length === 0) return
  if (output.write(chunk)) return
  await new Promise<void>((resolve) => {
    const done = () => {
      for (const name of ['drain', 'close', 'error']) output.off(name, done)
      resolve()
    }
    for (const name of ['drain', 'close', 'error']) output.on(name, done)
  })
}
