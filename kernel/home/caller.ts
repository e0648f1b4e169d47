import { homedir, userInfo } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { OperationError, type RunTrigger } from '../../contract/index.ts'
import type { Caller, WorkerIdentity } from '../api.ts'

type Environment = Record<string, string | undefined>

/**
 * @param env the environment of the process
 * @param platform as process.platform
 * @returns the absolute path of RUNBOARD_HOME, or the platform's own data folder for `runboard`
 */
export function defaultHome(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const given = env['RUNBOARD_HOME']
  if (given !== undefined && given !== '') return resolve(given)
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'runboard')
  if (platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'runboard')
  const dataHome = env['XDG_DATA_HOME']
  return join(
    dataHome !== undefined && isAbsolute(dataHome) ? dataHome : join(homedir(), '.local', 'share'),
    'runboard',
  )
}

/** The run that this process was started for, if any. */
function workerFromEnvironment(env: Environment): WorkerIdentity | undefined {
  const runId = Number(env['RUNBOARD_RUN'])
  const taskId = env['RUNBOARD_TASK']
  if (!Number.isSafeInteger(runId) || runId < 1 || taskId === undefined || taskId === '') return undefined
  return {
    task_id: taskId,
    run_id: runId,
    claim: env['RUNBOARD_CLAIM'] ?? null,
    profile: env['RUNBOARD_PROFILE'] ?? null,
    board: env['RUNBOARD_BOARD'] ?? null,
  }
}

/**
 * A process whose environment identifies it only partly as a worker must not pass for the person: a worker that has
 * lost its run could finish what was taken away from it. RUNBOARD_TASK alone does not count; a person may set it to
 * save typing.
 *
 * @throws OperationError UNAUTHORIZED
 */
export function refuseHalfWorker(env: Environment): void {
  const given = (name: string) => (env[name] ?? '') !== ''
  const said = ['RUNBOARD_RUN', 'RUNBOARD_CLAIM'].filter(given)
  if (said.length === 0 || workerFromEnvironment(env) !== undefined) return
  const missing = ['RUNBOARD_RUN', 'RUNBOARD_TASK'].filter((name) => !given(name))
  const problem =
    missing.length > 0
      ? `not ${missing.join(' and ')}`
      : `RUNBOARD_RUN is “${env['RUNBOARD_RUN'] ?? ''}”, which is not a run`
  throw new OperationError(
    'UNAUTHORIZED',
    `The environment has ${said.join(' and ')}, but ${problem}: a worker needs all that Runboard has set for it, and a person none of them.`,
    { variables: said },
  )
}

/**
 * A worker acts only on the home that started it. In a home that it created itself it could write a profile and have
 * it dispatched, which would run a command that no person has seen.
 *
 * @param home the absolute path of the home that is about to be opened
 * @throws OperationError UNAUTHORIZED
 */
export function refuseForeignHome(env: Environment, home: string): void {
  if (workerFromEnvironment(env) === undefined || home === defaultHome(env)) return
  throw new OperationError(
    'UNAUTHORIZED',
    `A worker may only use the home that started it, ${defaultHome(env)}; this is ${home}.`,
    { home: defaultHome(env) },
  )
}

/** The name on the events and comments of a person. */
function personName(env: Environment): string {
  const named = env['USER'] ?? env['USERNAME']
  if (named !== undefined && named !== '') return named
  try {
    return userInfo().username
  } catch {
    // A container may run under a uid without a name; the person is then known as that.
    return 'person'
  }
}

/**
 * @param env the environment of the calling process
 * @param trigger the door it came through
 * @returns a caller that acts for the run named in the environment, else for the person at this machine
 */
export function callerFromEnvironment(env: Environment, trigger: RunTrigger, cwd?: string): Caller {
  const worker = workerFromEnvironment(env)
  return { actor: worker?.profile ?? personName(env), trigger, cwd, worker }
}
