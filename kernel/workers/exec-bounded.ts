import { type ChildProcess, execFile, type ExecFileOptionsWithStringEncoding } from 'node:child_process'
import { startKeyOf } from './identity.ts'
import { stopTree } from './stop-tree.ts'

/** How long a program may take to clean up after itself (git removes its lock files) once it is told to stop. */
const GRACE_MS = 2_000
/** How long output is waited for after the program has ended: something that it left running may hold its pipes for ever. */
const OUTPUT_MS = 2_000

interface BoundedOptions {
  timeout_ms: number
  /** What it reads. */
  input: string
  /** Whether it may start programs that go on after it, such as hooks. Its end is then the end, whoever holds its output. */
  mayLeave: boolean
  /** Asked once, when it has not ended by then: whether it waits for what never comes, and is to be ended. */
  slow: { after_ms: number; isHopeless: () => Promise<boolean> }
}

interface BoundedEnd {
  error: Error | null
  stdout: string
  stderr: string
  /** It was stopped, with all that it had started. */
  timed_out: boolean
}

/** Runs a program and stops it, with everything that it has started, when it takes too long. */
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
      // What it had started may outlive it for a moment.
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
    // A program that ends before it has read its input says why by its status.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input, options.encoding ?? 'utf8')
  })
}

/** A hook that hangs is a child of the program: to stop the program alone would leave it running. */
async function stopAll(child: ChildProcess): Promise<void> {
  try {
    const pid = child.pid ?? 0
    await stopTree({ pid, started_key: startKeyOf(pid) }, { grace_ms: GRACE_MS })
  } catch {
    // The processes cannot be listed: the program itself is ended all the same.
  } finally {
    child.kill('SIGKILL')
    closeOutput(child)
  }
}

function closeOutput(child: ChildProcess): void {
  child.stdout?.destroy()
  child.stderr?.destroy()
}
