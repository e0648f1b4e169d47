import { delimiter } from 'node:path'
import { withoutNul } from './command.ts'
import { workerPath } from './executable.ts'

type Environment = Record<string, string | undefined>

/** What a worker is told about its run. null: there is none, and the variable is not set. */
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
}

/**
 * The whole environment of a worker (contract: "A worker's environment"): ours, the profile's over it, and the run's
 * over both, so that no profile can claim to be another run. RUNBOARD_* variables of an outer run (Runboard started
 * by a worker) and what only concerns our own program are left out.
 */
export function workerEnvironment(
  base: Environment,
  profileEnv: Record<string, string>,
  run: RunEnvironment,
): Record<string, string> {
  const env: Environment = { ...withoutOurOwn(base), ...profileEnv }
  Object.assign(env, {
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
  const entries = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, withoutNul(value)]))
}

/** On Windows the variable may be spelt `Path`; two spellings of it would be a matter of luck. */
function setPath(env: Environment, binDir: string): void {
  const names = Object.keys(env).filter((name) =>
    (process.platform === 'win32' ? /^path$/i : /^PATH$/).test(name),
  )
  const value = names.map((name) => env[name]).at(-1)
  for (const name of names) env[name] = undefined
  env['PATH'] = workerPath(binDir, value)
}

/** Names that would change what a worker's own programs do, and mean nothing to them. */
const OURS = /^(RUNBOARD_|ELECTRON_RUN_AS_NODE$|ELECTRON_NO_ATTACH_CONSOLE$|NODE_CHANNEL_|NODE_UNIQUE_ID$)/

function withoutOurOwn(base: Environment): Environment {
  const kept = Object.fromEntries(Object.entries(base).filter(([name]) => !OURS.test(name)))
  return base['APPDIR'] ? withoutAppImage(kept, base['APPDIR']) : kept
}

/**
 * An AppImage puts its own libraries and data first for what it starts. They lie in a mount that goes away when the
 * app quits, and they are not the worker's. Names from AppImage's and electron-builder's AppRun.
 */
function withoutAppImage(env: Environment, appDir: string): Environment {
  const cleaned: Environment = { ...env }
  for (const name of ['APPDIR', 'APPIMAGE', 'ARGV0', 'OWD', 'APPIMAGE_EXIT_AFTER_INSTALL']) {
    cleaned[name] = undefined
  }
  for (const name of ['PATH', 'LD_LIBRARY_PATH', 'XDG_DATA_DIRS', 'GSETTINGS_SCHEMA_DIR']) {
    const value = cleaned[name]
    if (value === undefined) continue
    const rest = value.split(delimiter).filter((entry) => entry !== '' && !entry.startsWith(appDir))
    cleaned[name] = rest.length > 0 ? rest.join(delimiter) : undefined
  }
  return cleaned
}
