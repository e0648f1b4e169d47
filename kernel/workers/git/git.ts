import { copyFileSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
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
import { NotRegularFileError, readRegular } from '../../home/regular-file.ts'
import { WorkerSetupError } from '../setup-error.ts'
import { errorCode, errorMessage } from '../../home/system-error.ts'

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
  /** Its stdin. */
  input?: string
  /** Of its input and output; latin1 preserves bytes that are not UTF-8. */
  encoding?: 'utf8' | 'latin1'
}

export interface Allowed {
  program: (program: ConfiguredProgram) => boolean
  network: boolean
}

/** git reported a failure. `message` is git's own, turned into a sentence. */
export class GitError extends WorkerSetupError {
  readonly stdout: string
  readonly stderr: string
  /** null when it was ended by a signal, or by us. */
  readonly exit_code: number | null

  /** It was stopped because it took too long. */
  readonly timed_out: boolean

  constructor(
    message: string,
    said: { stdout: string; stderr: string; timed_out?: boolean },
    cause: unknown,
  ) {
    super(message, { cause })
    this.stdout = said.stdout
    this.stderr = said.stderr
    this.exit_code = exitCodeOf(cause)
    this.timed_out = said.timed_out === true
  }
}

function exitCodeOf(cause: unknown): number | null {
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : null
  return typeof code === 'number' ? code : null
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
  ...['read-tree', 'status', 'update-index', 'worktree'],
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

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

async function run(
  cwd: string,
  args: readonly string[],
  command: string,
  options: GitOptions,
): Promise<string> {
  const { timeout_ms = 30_000, encoding = 'utf8', input = '', allow, hooks_path } = options
  const env = gitEnvironment(inheritedEnvironment(process.env).env, options)
  let pipe: string | null = null
  const end = await execBounded(
    'git',
    args,
    { cwd, encoding, env, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true },
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
  throw gitProblem(end.error, end, cwd, command, timeout_ms)
}

function waitsFor(pipe: string, command: string, cause: Error): WorkerSetupError {
  return new WorkerSetupError(
    `git ${command} would wait for ever: ${pipe} is a FIFO, and git reads it. Remove it, or put a file in its place.`,
    { cause },
  )
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

function gitEnvironment(base: NodeJS.ProcessEnv, { allow, index, work_tree }: GitOptions): NodeJS.ProcessEnv {
  const kept = Object.entries(base).filter(([name]) => !name.startsWith('GIT_') || KEPT.test(name))
  return {
    ...Object.fromEntries(kept),
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    LC_ALL: 'C',
    // A partial clone fetches missing objects with a program that its configuration names.
    ...(allow?.network !== true && { GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none' }),
    ...(index !== undefined && { GIT_INDEX_FILE: index }),
    ...(work_tree !== undefined && { GIT_WORK_TREE: work_tree }),
  }
}

function gitProblem(
  error: Error,
  output: { stdout: string; stderr: string; timed_out: boolean },
  cwd: string,
  name: string,
  timeoutMs: number,
): WorkerSetupError {
  if (errorCode(error) === 'ENOENT') {
    const folder = statSync(cwd, { throwIfNoEntry: false })?.isDirectory()
    return new WorkerSetupError(
      folder ? 'git is not installed, or not on the PATH.' : `The folder ${cwd} is not there.`,
      {
        cause: error,
      },
    )
  }
  const command = `git ${name}`
  if (output.timed_out) {
    const what = `${command} took longer than ${timeoutMs / 1_000} s in ${cwd}`
    return new GitError(`${what}, and was stopped with all that it had started.`, output, error)
  }
  if (errorCode(error) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return new GitError(
      `${command} printed more than ${MAX_OUTPUT_BYTES / 1024 / 1024} MB in ${cwd}.`,
      output,
      error,
    )
  }
  const stderr = output.stderr.trim()
  const said = stderr.split('\n').find((line) => /^(fatal|error):/.test(line)) ?? stderr.split('\n')[0]
  const reason = (said || errorMessage(error)).replace(/^(fatal|error): /, '').replace(/[.;]$/, '')
  return new GitError(`${command} failed in ${cwd}: ${reason}.`, output, error)
}

export interface ListedWorktree {
  path: string
  head: string | null
  /** Short name of its branch, null when detached (or bare). */
  branch: string | null
  /** Its folder is gone. */
  missing: boolean
  /** Locked by the user (`git worktree lock`): we keep it. */
  locked: boolean
  /** git does not know its folder: the main worktree of a repository whose git directory lies elsewhere. */
  unknown: boolean
}

/** The worktrees of a repository, the main one first. @param repository preferably one of its working trees */
export async function listWorktrees(repository: string): Promise<ListedWorktree[]> {
  const blocks = (await git(repository, ['worktree', 'list', '--porcelain'])).split('\n\n')
  const common = await commonDirOf(repository)
  const listed = blocks.flatMap((block) => {
    const lines = block.split('\n')
    const value = (name: string): string | null =>
      lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? null
    const path = value('worktree')
    if (path === null) return []
    return [
      {
        path,
        head: value('HEAD'),
        branch: value('branch')?.replace('refs/heads/', '') ?? null,
        missing: statSync(path, { throwIfNoEntry: false }) === undefined,
        // git before 2.31 does not list it.
        locked: lines.some((line) => /^locked( |$)/.test(line)) || isLocked(common, path),
        unknown: false,
      },
    ]
  })
  const [main, ...linked] = listed
  const isBare = /^bare$/m.test(blocks[0] ?? '')
  if (main === undefined || isBare || basename(common) === '.git') return listed
  return [await placeMain(repository, common, main), ...linked]
}

/**
 * git assumes that the main worktree is beside the git directory. That is wrong for a git directory with another name
 * or place (`--separate-git-dir`, a submodule). Only a command run inside the worktree can tell.
 */
async function placeMain(repository: string, common: string, main: ListedWorktree): Promise<ListedWorktree> {
  const own = await askGit(repository, ['rev-parse', '--absolute-git-dir'])
  const top = await askGit(repository, ['rev-parse', '--show-toplevel'])
  const isMain = own !== null && top !== null && samePath(own, common)
  return isMain ? { ...main, path: top, missing: false } : { ...main, unknown: true }
}

function isLocked(common: string, path: string): boolean {
  const folder = join(common, 'worktrees')
  const names = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : []
  return names.some((name) => {
    const pointer = join(folder, name, 'gitdir')
    return (
      existsSync(join(folder, name, 'locked')) &&
      existsSync(pointer) &&
      samePath(dirname(lineOf(pointer)), path)
    )
  })
}

/** The content of a short git file, trimmed; '' if it is not a regular file. A worker can put anything there. */
export function lineOf(file: string): string {
  try {
    return readRegular(file, 64 * 1024)
      .toString('utf8')
      .trim()
  } catch (error) {
    if (error instanceof NotRegularFileError) return ''
    throw error
  }
}

/** The git directory that all worktrees of a repository share. */
export async function commonDirOf(folder: string): Promise<string> {
  return resolve(folder, (await git(folder, ['rev-parse', '--git-common-dir'])).trimEnd())
}

/** Whether two paths lead to the same folder, links followed. */
export function samePath(a: string, b: string): boolean {
  const real = (path: string): string => {
    try {
      return realpathSync(path)
    } catch {
      return path
    }
  }
  return real(a) === real(b)
}

/**
 * The short name of the branch that a folder has checked out; null when detached. `--short` would print some names in
 * full.
 */
export async function currentBranch(folder: string): Promise<string | null> {
  const full = await askGit(folder, ['symbolic-ref', '--quiet', 'HEAD'])
  return full?.startsWith('refs/heads/') ? full.slice('refs/heads/'.length) : null
}

/** The full id of a commit that exists here; null for anything else. */
export async function knownCommit(folder: string, name: string | null | undefined): Promise<string | null> {
  // git 2.29 and older read --end-of-options as a name; no revision begins with a dash.
  if (!name || name.startsWith('-')) return null
  return askGit(folder, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`])
}

/** The commit of a local branch; null without such a branch. */
export async function branchCommit(folder: string, branch: string): Promise<string | null> {
  // Not with rev-parse, which would accept `dev~1` as a branch.
  return askGit(folder, ['show-ref', '--verify', '--hash', `refs/heads/${branch}`])
}

/** Short names of local branches. @param filters of `git for-each-ref`, such as `--contains COMMIT` */
export async function localBranches(folder: string, filters: readonly string[] = []): Promise<string[]> {
  const listed = await askGit(folder, ['for-each-ref', ...filters, '--format=%(refname)', 'refs/heads'])
  return (listed ?? '')
    .split('\n')
    .filter((name) => name !== '')
    .map((name) => name.slice('refs/heads/'.length))
}
