import { type ChildProcess, spawn as nodeSpawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import type { Socket } from 'node:net'
import { dirname } from 'node:path'
import { fileLimit } from './file-limit.ts'
import { startKeyOf, watchProcess } from '../process/identity.ts'
import { withoutInherited } from './inherited.ts'
import {
  exitFromStatus,
  KEEPER_NAME,
  KEEPER_SCRIPT,
  readExitFile,
  type WorkerExit,
} from '../process/keeper.ts'
import { WorkerSetupError } from '../setup-error.ts'
import {
  checkOptions,
  openWorkerFiles,
  spawnProblem,
  type StartedWorker,
  type StartWorkerOptions,
} from './spawn-options.ts'
import { createProcessError, windowsKeeper } from './windows-keeper-call.ts'

const WINDOWS = process.platform === 'win32'

/**
 * Starts a worker that outlives this process: in its own session, with files for stdin and output, under a keeper
 * (process/keeper.ts, windows-keeper.ts) that writes its exit status to a file. It does not keep our event loop alive. Rejects with a
 * WorkerSetupError when it cannot be started; then nothing runs.
 */
export async function startWorker(options: StartWorkerOptions): Promise<StartedWorker> {
  checkOptions(options)
  const child = spawnKeeper(options)
  // Some failures (EAGAIN, EMFILE, ENOENT) arrive as an event; `stdio` may be missing then.
  if (child.pid === undefined) throw spawnProblem((await once(child, 'error'))[0], options)
  const keeperPid = child.pid
  // stdio pipes are sockets on POSIX, which Node types as plain streams.
  const [goPipe, pidPipe] = [child.stdio[3] as Socket, child.stdio[4] as Socket]
  try {
    const pid = await readPid(child, pidPipe, options)
    const startedKey = startKeyOf(pid)
    if (startedKey === null) {
      throw new WorkerSetupError('The worker was ended from outside before it had started.')
    }
    const exited = waitForEnd(child, pidPipe, { pid, started_key: startedKey }, options.exit_path)
    child.unref()
    goPipe.unref()
    pidPipe.unref()
    return {
      pid,
      started_key: startedKey,
      keeper_pid: keeperPid,
      go: () => void goPipe.end('go\n'),
      cancel: () => void goPipe.destroy(),
      exited,
    }
  } catch (error) {
    goPipe.destroy()
    pidPipe.destroy()
    throw error
  }
}

interface KeeperCall {
  file: string
  args: string[]
  cwd: string
  env: Record<string, string | undefined>
  /** What it reads first from the pipe on which it then waits for `go`. */
  order: string
}

function posixKeeper(options: StartWorkerOptions): KeeperCall {
  const limit = fileLimit([dirname(options.log_path), options.cwd])
  const args = ['-c', KEEPER_SCRIPT, KEEPER_NAME, options.exit_path, limit, options.file, ...options.args]
  return { ...withoutInherited({ file: '/bin/sh', args }, 5), cwd: options.cwd, env: options.env, order: '' }
}

function spawnKeeper(options: StartWorkerOptions): ChildProcess {
  const { input, output } = openWorkerFiles(options)
  try {
    const keeper = WINDOWS ? windowsKeeper(options) : posixKeeper(options)
    const child = (options.spawn ?? nodeSpawn)(keeper.file, keeper.args, {
      cwd: keeper.cwd,
      env: keeper.env,
      detached: true,
      windowsHide: true,
      stdio: [input, output, output, 'pipe', 'pipe'],
    })
    const goPipe = child.stdio[3] as Socket | null | undefined
    // A dead keeper makes our writes fail. Its end is reported by `exited`, so the failed write adds nothing.
    goPipe?.on('error', () => undefined)
    if (keeper.order !== '') goPipe?.write(keeper.order)
    return child
  } catch (error) {
    throw spawnProblem(error, options)
  } finally {
    closeSync(input)
    closeSync(output)
  }
}

/** Resolves with the pid that the worker's shell, or the keeper on Windows, prints on fd 4. */
function readPid(child: ChildProcess, pidPipe: Socket, options: StartWorkerOptions): Promise<number> {
  const limit = options.handshake_ms ?? 10_000
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new WorkerSetupError(`The process that starts the worker did not answer within ${limit} ms.`))
    }, limit)
    const settle = (finish: () => void): void => {
      clearTimeout(timer)
      finish()
    }
    let said = ''
    pidPipe.setEncoding('latin1')
    pidPipe.on('error', () => undefined)
    const read = (chunk: string): void => {
      said += chunk
      if (!said.endsWith('\n')) return
      pidPipe.off('data', read)
      const error = /^error (\d+)/.exec(said)?.[1]
      if (error === undefined) settle(() => resolve(Number(said)))
      else settle(() => reject(spawnProblem(createProcessError(Number(error)), options)))
    }
    pidPipe.on('data', read)
    child.once('error', (error) => settle(() => reject(spawnProblem(error, options))))
    child.once('exit', (code, signal) =>
      settle(() =>
        reject(
          new WorkerSetupError(
            `The process that starts the worker ended at once (${signal ?? `exit ${code}`}).`,
          ),
        ),
      ),
    )
  })
}

/**
 * A keeper that has reported its worker's status but lives longer than this cannot write it: we stop waiting for it.
 */
const WRITE_MS = 500

/**
 * The status that the keeper exits with, or reports while it cannot exit yet. null for a killed keeper. On Windows only
 * the report counts, because a killed keeper exits with a status like any other.
 */
function statusOf(child: ChildProcess, statusPipe: Socket): Promise<number | null> {
  return new Promise((resolve) => {
    if (!WINDOWS && (child.exitCode !== null || child.signalCode !== null)) return resolve(child.exitCode)
    let said = ''
    statusPipe.on('data', (chunk: string) => {
      said += chunk
      if (reportIn(said) !== null) setTimeout(() => resolve(reportIn(said)), WRITE_MS).unref()
    })
    if (WINDOWS) statusPipe.once('close', () => resolve(reportIn(said)))
    else child.once('exit', resolve)
  })
}

/** @returns the status in the keeper's report; null if it is not complete */
function reportIn(said: string): number | null {
  return /^\d{1,10}\n$/.test(said) ? Number(said) : null
}

/**
 * The keeper ends after the worker, with the worker's status. If only the keeper was killed, its exit says nothing
 * about the worker: then its exit file counts, or else we wait for the worker itself.
 */
async function waitForEnd(
  child: ChildProcess,
  statusPipe: Socket,
  worker: { pid: number; started_key: string },
  exitPath: string,
): Promise<WorkerExit> {
  const status = await statusOf(child, statusPipe)
  statusPipe.destroy()
  if (status !== null) return exitFromStatus(status)
  await watchProcess(worker)
  const written = readExitFile(exitPath)
  return written === null || written === 'never_started' ? { exit_code: null, signal: null } : written
}
