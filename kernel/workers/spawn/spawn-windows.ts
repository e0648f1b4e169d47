import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { startKeyOf } from '../process/identity.ts'
import type { WorkerExit } from '../process/keeper.ts'
import { WorkerSetupError } from '../setup-error.ts'
import { errorMessage } from '../../home/system-error.ts'
import {
  openWorkerFiles,
  spawnProblem,
  type StartedWorker,
  type StartWorkerOptions,
} from './spawn-options.ts'

/**
 * Untested: we have no Windows. There is no keeper, so an exit that nobody watches is never known. The worker's
 * program already runs before go(); cancel() ends it again.
 */
export async function startWindowsWorker(options: StartWorkerOptions): Promise<StartedWorker> {
  const child = spawnDetached(options)
  const exited = new Promise<WorkerExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ exit_code: code, signal }))
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => reject(spawnProblem(error, options)))
  })
  const pid = child.pid
  const startedKey = pid === undefined ? null : startKeyOf(pid)
  if (pid === undefined || startedKey === null) {
    throw new WorkerSetupError(`${options.file} ended before its start time could be read.`)
  }
  child.unref()
  return {
    pid,
    started_key: startedKey,
    keeper_pid: pid,
    go: () => undefined,
    cancel: () => void child.kill(),
    exited,
  }
}

function spawnDetached(options: StartWorkerOptions): ChildProcess {
  const { input, output } = openWorkerFiles(options)
  const batch = /\.(cmd|bat)$/i.test(options.file)
  const command = batch ? (options.env['ComSpec'] ?? 'cmd.exe') : options.file
  const args = batch ? ['/d', '/s', '/c', `"${batchLine(options.file, options.args)}"`] : [...options.args]
  try {
    return spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      windowsHide: true,
      windowsVerbatimArguments: batch,
      stdio: [input, output, output],
    })
  } catch (error) {
    throw new WorkerSetupError(`${options.file} cannot be started: ${errorMessage(error)}.`, { cause: error })
  } finally {
    closeSync(input)
    closeSync(output)
  }
}

/**
 * Batch files can only be run by cmd.exe, which parses the line again; npm's shims do so twice. The escaping is that
 * of cross-spawn (lib/util/escape.js). A line break cannot be passed to a batch file at all.
 */
function batchLine(file: string, args: readonly string[]): string {
  const escapeMeta = (text: string): string => text.replace(/([()\][%!^"`<>&|;, *?])/g, '^$1')
  const escaped = args.map((arg) => {
    if (/[\r\n]/.test(arg)) {
      throw new WorkerSetupError(
        `${file} is a batch file and cannot be given text of several lines: use stdin or {context_file}.`,
      )
    }
    const quoted = `"${arg.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`
    return escapeMeta(escapeMeta(quoted))
  })
  return [escapeMeta(file), ...escaped].join(' ')
}
