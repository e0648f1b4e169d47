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
import { startWindowsWorker } from './spawn-windows.ts'

/**
 * Starts a worker that outlives this process: in its own session, with files for stdin and output, under a keeper
 * (keeper.ts) that writes its exit status to a file. It does not keep our event loop alive. Rejects with a
 * WorkerSetupError when it cannot be started; then nothing runs.
 */
export async function startWorker(options: StartWorkerOptions): Promise<StartedWorker> {
  checkOptions(options)
  if (process.platform === 'win32') return startWindowsWorker(options)
  const child = spawnKeeper(options)
  // Some failures (EAGAIN, EMFILE, ENOENT) arrive as an event; `stdio` may be missing then.
  if (child.pid === undefined) throw spawnProblem((await once(child, 'error'))[0], options)
  const keeperPid = child.pid
  // stdio pipes are sockets on POSIX, which Node types as plain streams.
  const [goPipe, pidPipe] = [child.stdio[3] as Socket, child.stdio[4] as Socket]
  // A dead keeper makes our write fail. `exited` reports its end, so the failed write adds nothing.
  goPipe.on('error', () => undefined)
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

function spawnKeeper(options: StartWorkerOptions): ChildProcess {
  const { input, output } = openWorkerFiles(options)
  try {
    const limit = fileLimit([dirname(options.log_path), options.cwd])
    const args = ['-c', KEEPER_SCRIPT, KEEPER_NAME, options.exit_path, limit, options.file, ...options.args]
    const keeper = withoutInherited({ file: '/bin/sh', args })
    return (options.spawn ?? nodeSpawn)(keeper.file, keeper.args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: [input, output, output, 'pipe', 'pipe'],
    })
  } catch (error) {
    throw spawnProblem(error, options)
  } finally {
    closeSync(input)
    closeSync(output)
  }
}

/** Resolves with the pid that the worker's shell prints on fd 4. */
function readPid(child: ChildProcess, pidPipe: Socket, options: StartWorkerOptions): Promise<number> {
  const limit = options.handshake_ms ?? 10_000
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new WorkerSetupError(`The shell that starts the worker did not answer within ${limit} ms.`))
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
      settle(() => resolve(Number(said)))
    }
    pidPipe.on('data', read)
    child.once('error', (error) => settle(() => reject(spawnProblem(error, options))))
    child.once('exit', (code, signal) =>
      settle(() =>
        reject(
          new WorkerSetupError(
            `The shell that starts the worker ended at once (${signal ?? `exit ${code}`}).`,
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

/** The status that the keeper exits with, or reports while it cannot exit yet. null for a killed keeper. */
function statusOf(child: ChildProcess, statusPipe: Socket): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode)
    child.once('exit', resolve)
    let said = ''
    statusPipe.on('data', (chunk: string) => {
      said += chunk
      if (/^\d{1,3}\n$/.test(said)) setTimeout(() => resolve(Number(said)), WRITE_MS).unref()
    })
  })
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
