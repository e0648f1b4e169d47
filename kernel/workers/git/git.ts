import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { blockingPipe } from '../process/blocking-pipe.ts'
import { execBounded } from '../process/exec-bounded.ts'
import {
  blankingArguments,
  type ConfiguredProgram,
  filtersOf,
  fixedArguments,
  parsePrograms,
  PROGRAM_KEYS,
} from './git-config.ts'
import { isAsCheckedOut, parseIndexEntries } from './git-index.ts'
import { inheritedEnvironment } from '../environment/inherited-environment.ts'
import { GitError, gitProblem, maxOutputBytes, waitsFor } from './git-error.ts'

export interface GitOptions {
  timeout_ms?: number
  /** The folder of hooks that may run; by default none do. */
  hooks_path?: string | null
  /**
   * Which of the configured programs may run (filters, merge drivers, signing), and whether missing objects may be
   * fetched. By default neither happens.
   */
  allow?: Allowed
  /** An index other than the worktree's. */
  index?: string
  /** The working tree, for a command in a git directory that has none. */
  work_tree?: string
  /** The date of a commit that the command makes, as git prints dates; by default now. */
  commit_date?: string
  /** Its stdin. */
  input?: string
  /** Of its input and output; latin1 preserves bytes that are not UTF-8. */
  encoding?: 'utf8' | 'latin1'
}

export interface Allowed {
  program: (program: ConfiguredProgram) => boolean
  network: boolean
}

/**
 * Runs git in a folder and returns its output. Arguments are passed as they are, without a shell. It never asks for a
 * password and takes no optional locks, and no user configuration affects its output. Configured programs (hooks,
 * filters, drivers, signing) do not run unless the options allow it, because a worker can write into the
 * configuration of its repository.
 *
 * Throws a GitError when git fails or takes too long, a WorkerSetupError when git or the folder is missing.
 */
export async function git(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const at = commandAt(args)
  const command = args[at] ?? ''
  const programs = runsPrograms(command, args[at + 1]) ? await programsNotAllowed(cwd, options) : []
  const full = [
    ...fixedArguments(options.hooks_path ?? null),
    ...blankingArguments(programs),
    ...args.slice(0, at + 1),
    ...(FLAGS[command] ?? []),
    ...args.slice(at + 1),
  ]
  const filters = filtersOf(programs)
  if (filters.length === 0 || options.index !== undefined || !READS_WORK_TREE.has(command))
    return run(cwd, full, command, options)
  return withoutFilteredFiles(cwd, filters, (index) => run(cwd, full, command, { ...options, ...index }))
}

/** The position of the command's name, after the settings before it. */
function commandAt(args: readonly string[]): number {
  let at = 0
  while (args[at] === '-c') at += 2
  return at
}

/** Commands during which git runs filters, merge drivers or signing programs. */
const RUNS_PROGRAMS = new Set([
  ...['add', 'checkout-index', 'commit', 'diff', 'hash-object', 'merge', 'merge-file', 'merge-tree'],
  ...['read-tree', 'reset', 'status', 'update-index', 'worktree'],
])

function runsPrograms(command: string, subcommand: string | undefined): boolean {
  return RUNS_PROGRAMS.has(command) && !(command === 'worktree' && subcommand === 'list')
}

const READS_WORK_TREE = new Set(['status', 'diff'])

/**
 * Flags that we add to a command. git does not look into a dirty submodule, because the submodule's own configuration
 * would apply.
 */
const FLAGS: Record<string, readonly string[]> = {
  diff: ['--no-ext-diff', '--no-textconv', '--no-color', '--ignore-submodules=dirty'],
  log: ['--no-color', '--no-decorate', '--no-show-signature', '--no-ext-diff', '--no-textconv'],
  status: ['--ignore-submodules=dirty'],
}

async function programsNotAllowed(cwd: string, { allow }: GitOptions): Promise<ConfiguredProgram[]> {
  const programs = await configuredPrograms(cwd)
  return allow === undefined ? programs : programs.filter((program) => !allow.program(program))
}

/**
 * All programs that the configuration of a folder names, the person's and the repository's. @param scope such as
 * `--global`
 */
export async function configuredPrograms(
  cwd: string,
  scope: readonly string[] = [],
): Promise<ConfiguredProgram[]> {
  const args = [...fixedArguments(null), 'config', ...scope, '--includes', '-z', '--get-regexp', PROGRAM_KEYS]
  try {
    const found = parsePrograms(await run(cwd, args, 'config', {}))
    // The fixed arguments are listed too.
    return found.filter(({ key, value }) => key !== 'core.hookspath' || value !== '/dev/null')
  } catch (error) {
    if (error instanceof GitError && error.exit_code === 1) return []
    throw error
  }
}

/**
 * Gives a command an index in which filtered files count as unchanged since their checkout. Without their filter, git
 * would compare the filtered file in the working tree with the unfiltered one in the commit, and report a change in
 * each.
 */
async function withoutFilteredFiles(
  cwd: string,
  filters: readonly string[],
  body: (index: { index?: string }) => Promise<string>,
): Promise<string> {
  const paths = filters.map((name) => `:(top,attr:filter=${name})`)
  const list = [...fixedArguments(null), 'ls-files', '--debug', '-z', '--full-name', '--', ...paths]
  const top = (
    await run(cwd, [...fixedArguments(null), 'rev-parse', '--show-toplevel'], 'rev-parse', {})
  ).trim()
  const listed = parseIndexEntries(await run(cwd, list, 'ls-files', {}))
  const same = listed.filter((entry) => isAsCheckedOut(join(top, entry.path), entry))
  if (same.length === 0) return body({})
  const folder = mkdtempSync(join(tmpdir(), 'runboard-index-'))
  try {
    const index = join(folder, 'index')
    const own = (await run(cwd, ['rev-parse', '--git-path', 'index'], 'rev-parse', {})).trim()
    copyFileSync(resolve(cwd, own), index)
    const input = same.map(({ path }) => `${path}\0`).join('')
    const mark = [...fixedArguments(null), 'update-index', '--assume-unchanged', '-z', '--stdin']
    await run(top, mark, 'update-index', { index, input })
    return await body({ index })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A git that has not answered by then may be waiting for something that never comes. */
const SLOW_MS = 2_000

async function run(
  cwd: string,
  args: readonly string[],
  command: string,
  options: GitOptions,
): Promise<string> {
  const { timeout_ms = 30_000, encoding = 'utf8', input = '', allow, hooks_path } = options
  const env = gitEnvironment(inheritedEnvironment(process.env).env, options)
  let pipe: string | null = null
  const output_bytes = maxOutputBytes(args)
  const end = await execBounded(
    'git',
    args,
    { cwd, encoding, env, maxBuffer: output_bytes, windowsHide: true },
    {
      timeout_ms,
      input,
      mayLeave: allow !== undefined || hooks_path != null,
      slow: {
        after_ms: SLOW_MS,
        isHopeless: async () => (pipe = await blockingPipe(cwd)) !== null,
      },
    },
  )
  if (end.error === null) return end.stdout
  if (pipe !== null) throw waitsFor(pipe, command, end.error)
  throw gitProblem(end.error, end, cwd, command, { timeout_ms, output_bytes })
}

/** Like git(), trimmed; null when git fails, which as the answer to a question means no. */
export async function askGit(
  cwd: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<string | null> {
  try {
    return (await git(cwd, args, options)).trim()
  } catch (error) {
    if (error instanceof GitError) return null
    throw error
  }
}

/**
 * A git hook may have started Runboard, and its GIT_DIR would lead every command to that repository. We keep the
 * variables that say how the person reaches remotes, and where their own configuration is.
 */
const KEPT = /^GIT_(SSH|SSL|HTTP|PROXY|CONFIG_GLOBAL$|CONFIG_SYSTEM$|CONFIG_NOSYSTEM$)/

function gitEnvironment(base: NodeJS.ProcessEnv, options: GitOptions): NodeJS.ProcessEnv {
  const { allow, commit_date, index, work_tree } = options
  const kept = Object.entries(base).filter(([name]) => !name.startsWith('GIT_') || KEPT.test(name))
  return {
    ...Object.fromEntries(kept),
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    LC_ALL: 'C',
    // A partial clone fetches missing objects with a program that its configuration names.
    ...(allow?.network !== true && { GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none' }),
    ...(commit_date !== undefined && { GIT_AUTHOR_DATE: commit_date, GIT_COMMITTER_DATE: commit_date }),
    ...(index !== undefined && { GIT_INDEX_FILE: index }),
    ...(work_tree !== undefined && { GIT_WORK_TREE: work_tree }),
  }
}
