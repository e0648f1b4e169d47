import { type ChildProcess, execFile, type ExecFileOptionsWithStringEncoding } from 'node:child_process'
import { startKeyOf } from './identity.ts'
import { stopTree } from './stop-tree.ts'

/** How long a program may clean up after it was asked to stop (git removes its lock files). */
const GRACE_MS = 2_000
/**
 * How long to wait for output after the program has ended: a child that it left running may hold its pipes open for
 * ever.
 */
const OUTPUT_MS = 2_000

interface BoundedOptions {
  timeout_ms: number
  /** Its stdin. */
  input: string
  /**
   * Whether it may leave programs running, such as those of hooks. Then we return when it exits, even if another
   * process holds its output open.
   */
  mayLeave: boolean
  /**
   * Asked once, if it has not ended by then: whether it waits for something that never comes, and must be stopped.
   */
  slow: { after_ms: number; isHopeless: () => Promise<boolean> }
}

interface BoundedEnd {
  error: Error | null
  stdout: string
  stderr: string
  /** It was stopped, with all processes that it had started. */
  timed_out: boolean
}

/** Runs a program and stops it, with all processes that it has started, when it takes too long. */
export function execBounded(
  file: string,
  args: readonly string[],
  options: ExecFileOptionsWithStringEncoding,
  { timeout_ms, input, mayLeave, slow }: BoundedOptions,
): Promise<BoundedEnd> {
  return new Promise((resolve) => {
    let stopping: Promise<void> | null = null
    let letGo: NodeJS.Timeout | undefined
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      clearTimeout(timer)
      clearTimeout(look)
      clearTimeout(letGo)
      const end = { error, stdout, stderr, timed_out: stopping !== null }
      // Processes that it started may outlive it for a moment.
      if (stopping === null) resolve(end)
      else void stopping.finally(() => resolve(end))
    })
    const timer = setTimeout(() => {
      stopping = stopAll(child)
    }, timeout_ms)
    const look = setTimeout(() => {
      void slow.isHopeless().then((isHopeless) => {
        if (isHopeless) child.kill()
      })
    }, slow.after_ms)
    if (mayLeave) child.once('exit', () => (letGo = setTimeout(() => closeOutput(child), OUTPUT_MS)))
    // The exit status of a program that ends before it has read its input says why.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input, options.encoding ?? 'utf8')
  })
}

/** A hanging hook is a child of the program: stopping the program alone would leave it running. */
async function stopAll(child: ChildProcess): Promise<void> {
  try {
    const pid = child.pid ?? 0
    await stopTree({ pid, started_key: startKeyOf(pid) }, { grace_ms: GRACE_MS })
  } catch {
    // The processes cannot be listed: end at least the program itself.
  } finally {
    child.kill('SIGKILL')
    closeOutput(child)
  }
}

function closeOutput(child: ChildProcess): void {
  child.stdout?.destroy()
  child.stderr?.destroy()
}
