import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { shellWord } from '../../../formats/shell-word.ts'
import { type Allowed, configuredPrograms, git } from './git.ts'
import { commonDirOf } from './git-worktrees.ts'
import type { ConfiguredProgram } from './git-config.ts'
import { expandHome } from '../../home/home-path.ts'
import { readRegular } from '../../home/regular-file.ts'
import { LastingSetupError } from '../setup-error.ts'

/**
 * A worker can write into the configuration and the hooks of its repository, and our git would run what it finds
 * there. So Runboard records what the repository had when a person chose it as the project (or at its first
 * worktree), and runs nothing else from the repository. Later additions are refused by name until the person accepts
 * them. The person's own configuration, outside the repository, always counts.
 */
interface TrustRecord {
  common_dir: string
  recorded_at: number
  /** Digests of the programs that the repository's configuration named. */
  programs: string[]
  /** Digests of its hooks, by name. */
  hooks: Record<string, string>
}

export interface Trust {
  /** For git calls that may run what the person configured. */
  allow: Allowed
  /** The folder of the repository's hooks. */
  hooks_path: string
  /** Hooks that were added, changed or removed since the record. */
  changed_hooks: string[]
}

/**
 * What a standard Git LFS installation writes into any configuration; the program itself is the person's, found on
 * the PATH.
 */
const WELL_KNOWN = new Set([
  'filter.lfs.clean\0git-lfs clean -- %f',
  'filter.lfs.smudge\0git-lfs smudge -- %f',
  'filter.lfs.process\0git-lfs filter-process',
  'filter.lfs.required\0true',
])

/** In bytes. For a larger hook only its beginning and its size count. */
const LARGEST_HOOK = 16 * 1024 * 1024

const NETWORK = /^(core\.(sshcommand|gitproxy)|credential\.|remote\.|url\.|protocol\.|extensions\.)/

/**
 * Records the programs that a project's repository runs now as the person's. @param file the file to write; null
 * records nothing
 */
export async function recordTrust(project: string, file: string, now: number): Promise<void> {
  const { record } = await currentState(project, now)
  writeRecord(file, record)
}

function writeRecord(file: string, record: TrustRecord): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.tmp`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.tmp`, file)
}

/**
 * Which programs of a project's repository may run. Without a record for this repository, its current programs are
 * recorded.
 *
 * @param file the file of the record; null: nothing of the repository is recorded, and only the person's own programs
 *   run
 */
export async function trustOf(project: string, file: string | null, now: number): Promise<Trust> {
  const { record: state, here, personal, hooks_path } = await currentState(project, now)
  let record = file === null ? null : readRecord(file)
  if (file !== null && record?.common_dir !== state.common_dir) {
    writeRecord(file, state)
    record = state
  }
  const known = new Set([...personal.map(digestOf), ...(record?.programs ?? [])])
  const program = (found: ConfiguredProgram): boolean =>
    known.has(digestOf(found)) || WELL_KNOWN.has(`${found.key}\0${found.value}`)
  const network = here.filter(({ key }) => NETWORK.test(key)).every(program)
  const changed = changedHooks(record?.hooks ?? {}, state.hooks)
  const isMoved = here.some((found) => found.key === 'core.hookspath' && !program(found))
  return {
    allow: { program, network },
    hooks_path,
    changed_hooks: isMoved ? ['core.hooksPath', ...changed] : changed,
  }
}

/**
 * Refuses to let git write into a working tree whose configuration names programs that are not the person's.
 *
 * @throws LastingSetupError
 */
export async function refuseUntrusted(
  folders: readonly string[],
  project: string,
  trust: Trust,
): Promise<void> {
  for (const folder of folders) {
    const found = (await configuredPrograms(folder)).filter(
      (program) =>
        !trust.allow.program(program) && !NETWORK.test(program.key) && program.key !== 'core.hookspath',
    )
    const names = [...new Set(found.map(({ key }) => key))]
    if (names.length > 0) throw new LastingSetupError(untrustedSentence(names, project))
  }
}

export function untrustedSentence(names: readonly string[], project: string): string {
  const shown = names.slice(0, 3).join(', ')
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return `The git repository of ${project} has changed what git runs (${shown}${more}) since Runboard recorded it. A worker may have done that, so Runboard does not run it. Undo the change, or accept it with: runboard init --project ${shellWord(project)}`
}

interface RepositoryState {
  record: TrustRecord
  /** All programs configured for the project, and those that are the person's own. */
  here: ConfiguredProgram[]
  personal: ConfiguredProgram[]
  hooks_path: string
}

async function currentState(project: string, now: number): Promise<RepositoryState> {
  const here = await configuredPrograms(project)
  const personal = await personalPrograms(project)
  const common_dir = await commonDirOf(project)
  const hooks_path = await hooksPathOf(project, common_dir, here)
  const own = new Set(personal.map(digestOf))
  const programs = here.map(digestOf).filter((digest) => !own.has(digest))
  const record = { common_dir, recorded_at: now, programs, hooks: digestsOfHooks(hooks_path) }
  return { record, here, personal, hooks_path }
}

/** A digest, because a value may hold a password. */
function digestOf({ key, value }: ConfiguredProgram): string {
  return createHash('sha256').update(`${key}\0${value}`).digest('hex')
}

/** The programs configured outside the repository. */
async function personalPrograms(project: string): Promise<ConfiguredProgram[]> {
  const scopes = [['--global'], ['--system']]
  return (await Promise.all(scopes.map((scope) => configuredPrograms(project, scope)))).flat()
}

/** A relative path means the project's own folder, never its copy in a worker's worktree. */
async function hooksPathOf(
  project: string,
  common_dir: string,
  programs: readonly ConfiguredProgram[],
): Promise<string> {
  const given = programs.filter(({ key }) => key === 'core.hookspath').at(-1)?.value
  if (given === undefined || given === '') return join(common_dir, 'hooks')
  const path = expandHome(given)
  if (isAbsolute(path)) return path
  return resolve((await git(project, ['rev-parse', '--show-toplevel'])).trimEnd(), path)
}

function digestsOfHooks(folder: string): Record<string, string> {
  const names = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : []
  const hooks = names.flatMap((name): [string, string][] => {
    const path = join(folder, name)
    const stats = statSync(path, { throwIfNoEntry: false })
    if (name.endsWith('.sample') || stats?.isFile() !== true) return []
    return [
      [
        name,
        createHash('sha256')
          .update(readRegular(path, LARGEST_HOOK, { follow: true }))
          .update(stats.size > LARGEST_HOOK ? String(stats.size) : '')
          .update(`${stats.mode & 0o111}`)
          .digest('hex'),
      ],
    ]
  })
  return Object.fromEntries(hooks)
}

function changedHooks(before: Record<string, string>, now: Record<string, string>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].filter((name) => before[name] !== now[name]).sort()
}

function readRecord(file: string): TrustRecord | null {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as Partial<TrustRecord> | null
    const { common_dir, recorded_at, programs, hooks } = record ?? {}
    if (typeof common_dir !== 'string' || typeof recorded_at !== 'number') return null
    if (!Array.isArray(programs) || typeof hooks !== 'object') return null
    return { common_dir, recorded_at, programs, hooks }
  } catch {
    // Missing or unreadable: it is recorded again.
    return null
  }
}
