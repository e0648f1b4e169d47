import { withoutNul } from '../spawn/command.ts'
import { workerPath } from './executable.ts'
import { inheritedEnvironment, pathNames } from './inherited-environment.ts'

type Environment = Record<string, string | undefined>

/** What a worker's environment says about its run. null: no value, and the variable is not set. */
export interface RunEnvironment {
  home: string
  board: string
  task: string
  run: string
  attempt: number
  /** The secret of this claim. */
  claim: string
  workspace: string
  profile: string
  title: string
  tenant: string | null
  branch: string | null
  context_file: string | null
  model: string | null
  skills: readonly string[]
  /** Folder with the `runboard` command, put first on the PATH. */
  bin_dir: string
  /** Absolute path of the `runboard` command. */
  bin: string
  /** The variables of the run's workflow step; see `stepEnvironment`. */
  step?: Readonly<Record<string, string>>
}

/**
 * The whole environment of a worker (contract: "A worker's environment"): ours, overridden by the profile's,
 * overridden by the run's, so that no profile can pretend to be another run. Variables of an outer run, a git hook,
 * npm or an agent are removed from ours (environment-rules.ts).
 */
export function workerEnvironment(
  base: Environment,
  profileEnv: Record<string, string>,
  run: RunEnvironment,
): Record<string, string> {
  const env: Environment = { ...inheritedEnvironment(base).env, ...profileEnv }
  Object.assign(env, run.step, {
    RUNBOARD_HOME: run.home,
    RUNBOARD_BOARD: run.board,
    RUNBOARD_TASK: run.task,
    RUNBOARD_RUN: run.run,
    RUNBOARD_ATTEMPT: String(run.attempt),
    RUNBOARD_CLAIM: run.claim,
    RUNBOARD_WORKSPACE: run.workspace,
    RUNBOARD_PROFILE: run.profile,
    RUNBOARD_TITLE: run.title,
    RUNBOARD_TENANT: run.tenant ?? undefined,
    RUNBOARD_BRANCH: run.branch ?? undefined,
    RUNBOARD_CONTEXT_FILE: run.context_file ?? undefined,
    RUNBOARD_MODEL: run.model ?? undefined,
    RUNBOARD_SKILLS: run.skills.length > 0 ? run.skills.join(',') : undefined,
    RUNBOARD_BIN: run.bin,
  })
  setPath(env, run.bin_dir)
  return withValues(env)
}

function withValues(env: Environment): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, withoutNul(value)]))
}

/** What the environment of a check says. It holds no claim: a check examines the work and reports nothing. */
export interface CheckEnvironment {
  home: string
  board: string
  workspace: string
  /** Identifies its processes later. */
  marker: string
  bin_dir: string
}

/** The whole environment of a check: that of its worker, without what belongs to a worker only. */
export function checkEnvironment(
  base: Environment,
  profileEnv: Record<string, string>,
  check: CheckEnvironment,
): Record<string, string> {
  const env: Environment = { ...inheritedEnvironment(base).env, ...profileEnv }
  Object.assign(env, {
    RUNBOARD_HOME: check.home,
    RUNBOARD_BOARD: check.board,
    RUNBOARD_WORKSPACE: check.workspace,
    RUNBOARD_CHECK: check.marker,
  })
  setPath(env, check.bin_dir)
  return withValues(env)
}

/** What every worker gets beside its profile's own variables; variables without a value are not set. */
const ADDED = [
  'PATH',
  'RUNBOARD_HOME',
  'RUNBOARD_BOARD',
  'RUNBOARD_TASK',
  'RUNBOARD_RUN',
  'RUNBOARD_ATTEMPT',
  'RUNBOARD_CLAIM',
  'RUNBOARD_WORKSPACE',
  'RUNBOARD_PROFILE',
  'RUNBOARD_TITLE',
  'RUNBOARD_CONTEXT_FILE',
  'RUNBOARD_BIN',
]

/** How the environment of a profile's workers differs from ours: names only, because values may be secret. */
export interface EnvironmentChanges {
  taken: { name: string; reason: string }[]
  taken_from_path: string[]
  added: string[]
}

export function environmentChanges(
  base: Environment,
  profileEnv: Record<string, string>,
): EnvironmentChanges {
  const { taken, taken_from_path } = inheritedEnvironment(base)
  const byName = taken.sort((a, b) => (a.name < b.name ? -1 : 1))
  return { taken: byName, taken_from_path, added: [...new Set([...Object.keys(profileEnv), ...ADDED])] }
}

/** On Windows the variable may be spelt `Path`; with two spellings set, either could win. */
function setPath(env: Environment, binDir: string): void {
  const names = pathNames(env)
  const value = names.map((name) => env[name]).at(-1)
  for (const name of names) env[name] = undefined
  env['PATH'] = workerPath(binDir, value)
}
