import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { inheritedEnvironment } from './inherited-environment.ts'
import { errorCode, errorMessage, WorkerSetupError } from './setup-error.ts'

export interface GitOptions {
  timeout_ms?: number
  /** For what the user's hooks are there to look at: a commit that is made in the user's name. */
  hooks?: boolean
}

/** git answered with a failure. `message` is git's own, made a sentence. */
export class GitError extends WorkerSetupError {
  readonly stdout: string
  readonly stderr: string
  /** null where it was ended by a signal, or by us. */
  readonly exit_code: number | null

  constructor(message: string, said: { stdout: string; stderr: string }, cause: unknown) {
    super(message, { cause })
    this.stdout = said.stdout
    this.stderr = said.stderr
    this.exit_code = exitCodeOf(cause)
  }
}

function exitCodeOf(cause: unknown): number | null {
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : null
  return typeof code === 'number' ? code : null
}

/**
 * Runs git in a folder and returns what it prints. Arguments go as they are, no shell. It never asks for a password,
 * takes no lock that it can do without, and runs no hooks unless asked to: one that fails half-way would leave us with
 * half a result.
 * Throws a GitError when git fails or takes too long, a WorkerSetupError when there is no git or no such folder.
 */
export async function git(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const { timeout_ms = 30_000, hooks = false } = options
  const noHooks = hooks ? [] : ['-c', 'core.hooksPath=/dev/null']
  const fixed = [...noHooks, '-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false']
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      [...fixed, ...args],
      {
        cwd,
        env: gitEnvironment(inheritedEnvironment(process.env).env),
        timeout: timeout_ms,
        maxBuffer: 64 * 1024 * 1024,
        windowsHide: true,
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else reject(gitProblem(error, { stdout, stderr }, cwd, args, timeout_ms))
      },
    )
  })
}

/** As git(), trimmed; null when git answers with a failure, which for a question means no. */
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

/** Runboard may itself have been started by a git hook, whose GIT_DIR would lead every command to that repository. */
function gitEnvironment(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(base).filter(
    ([name]) => !/^GIT_(?!SSH|SSL|HTTP|PROXY|CONFIG_GLOBAL$)/.test(name),
  )
  return { ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' }
}

function gitProblem(
  error: Error & { killed?: boolean | undefined },
  output: { stdout: string; stderr: string },
  cwd: string,
  args: readonly string[],
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
  const command = `git ${args[0] ?? ''}`
  if (error.killed)
    return new GitError(`${command} took longer than ${timeoutMs / 1_000} s in ${cwd}.`, output, error)
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
  /** git says that its folder is gone. */
  missing: boolean
  /** Somebody locked it (`git worktree lock`): it stays. */
  locked: boolean
}

/** The worktrees of a repository, the main one first. */
export async function listWorktrees(repository: string): Promise<ListedWorktree[]> {
  const blocks = (await git(repository, ['worktree', 'list', '--porcelain'])).split('\n\n')
  return blocks.flatMap((block) => {
    const lines = block.split('\n')
    const value = (name: string): string | null =>
      lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? null
    const path = value('worktree')
    if (path === null) return []
    const missing = statSync(path, { throwIfNoEntry: false }) === undefined
    return [
      {
        path,
        head: value('HEAD'),
        branch: value('branch')?.replace('refs/heads/', '') ?? null,
        missing,
        locked: lines.some((line) => /^locked( |$)/.test(line)),
      },
    ]
  })
}

/** The branch that a folder has checked out, by its short name; null when detached. `--short` would name some fully. */
export async function currentBranch(folder: string): Promise<string | null> {
  const full = await askGit(folder, ['symbolic-ref', '--quiet', 'HEAD'])
  return full?.startsWith('refs/heads/') ? full.slice('refs/heads/'.length) : null
}

/** The full id of a commit that is known here; null for anything else. */
export async function knownCommit(folder: string, name: string | null | undefined): Promise<string | null> {
  // git 2.29 and older take --end-of-options for a name; no revision begins with a dash.
  if (!name || name.startsWith('-')) return null
  return askGit(folder, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`])
}

/** The commit of a local branch; null when there is no such branch. */
export async function branchCommit(folder: string, branch: string): Promise<string | null> {
  // Not by rev-parse, which would take `dev~1` for a branch.
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
