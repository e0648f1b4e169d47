import { spawn } from 'node:child_process'

/** A check that takes longer than this has failed. */
const VERIFY_LIMIT_MS = 30 * 60_000
const KEPT_LINES = 30
const KEPT_BYTES = 64 * 1024

export interface VerifyResult {
  /** The shell's status; 124 when it took too long, 128 + n when a signal ended it, as shells count. */
  exit_code: number
  /** The last thirty lines of what it wrote. */
  output: string
}

/**
 * Runs a check through the shell, in the folder of the work.
 *
 * @param command a line for `sh -c`
 * @param cwd absolute path of the workspace
 * @param env the environment it gets
 */
export async function runVerify(
  command: string,
  cwd: string,
  env: Record<string, string | undefined>,
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
  let late = false
  const timer = setTimeout(() => {
    late = true
    // The whole group: a check starts processes of its own.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, VERIFY_LIMIT_MS)
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (status, signal) => resolve(status ?? (signal === null ? 1 : 128)))
    })
    return { exit_code: late ? 124 : code, output: lastLines(tail.toString('utf8')) }
  } catch (error) {
    return { exit_code: 127, output: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-KEPT_LINES).join('\n')
}
