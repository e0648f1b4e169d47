import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { errorMessage } from './setup-error.ts'

/** A check that takes longer than this has failed. */
const VERIFY_LIMIT_MS = 30 * 60_000
const KEPT_LINES = 30
const KEPT_BYTES = 64 * 1024
/** How long the output may stay open after the check's end: something that it left running may hold it for ever. */
const DRAIN_MS = 500

export interface VerifyResult {
  /** The shell's status; 124 when it took too long, 128 + n when a signal ended it, as shells count. */
  exit_code: number
  /** The last thirty lines of what it wrote. */
  output: string
}

/**
 * Runs a check through the shell, in the folder of the work. A check that cannot be started has failed with 127.
 *
 * @param command a line for `sh -c`
 * @param cwd absolute path of the workspace
 * @param env the environment it gets
 */
export async function runVerify(
  command: string,
  cwd: string,
  env: Record<string, string | undefined>,
  { limit_ms = VERIFY_LIMIT_MS }: { limit_ms?: number } = {},
): Promise<VerifyResult> {
  const child = spawn('/bin/sh', ['-c', command], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let tail = Buffer.alloc(0)
  const keep = (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-KEPT_BYTES)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  try {
    const exit_code = await endOf(child, limit_ms)
    return { exit_code, output: lastLines(tail.toString('utf8')) }
  } catch (error) {
    return { exit_code: 127, output: errorMessage(error) }
  } finally {
    child.stdout.destroy()
    child.stderr.destroy()
  }
}

async function endOf(child: ChildProcess, limitMs: number): Promise<number> {
  let late = false
  const timer = setTimeout(() => {
    late = true
    killGroup(child)
  }, limitMs)
  try {
    // Not by once(): it would reject on 'error' with nobody listening.
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
    const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    await Promise.race([closed, delay(DRAIN_MS, undefined, { ref: false })])
    if (late) return 124
    return status ?? 128 + (signal === null ? 0 : constants.signals[signal])
  } finally {
    clearTimeout(timer)
  }
}

/** The whole group: a check starts processes of its own. It has not been reaped yet, so the pid is still its. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL')
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-KEPT_LINES).join('\n')
}
