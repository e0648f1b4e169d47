import { accessSync, constants, statSync } from 'node:fs'
import { whyNotStarted } from './program-head.ts'
import { delimiter, isAbsolute, resolve } from 'node:path'

const WINDOWS = process.platform === 'win32'

/** Either the absolute path of a program, or a sentence that says why there is none. */
export type ResolvedExecutable = { path: string } | { problem: string }

export interface ResolveOptions {
  /** The PATH to search, as the worker will have it. */
  path: string
  /** The folder that a relative path (`./agent`) starts from. */
  cwd: string
  /** Windows only: the file extensions that count as programs. */
  pathext?: string
}

/**
 * Finds the program that a worker's command names: a path as given, a bare name on the PATH. The program may
 * disappear before the spawn, so the spawn looks again.
 */
export function resolveExecutable(name: string, options: ResolveOptions): ResolvedExecutable {
  if (name.trim() === '') return { problem: 'The command is empty: it names no program.' }
  if (name.includes('/') || (WINDOWS && name.includes('\\'))) return resolvePath(name, options)
  const passedOver: string[] = []
  for (const folder of options.path.split(delimiter)) {
    // A shell takes an empty entry for the current folder. A file in a workspace must not become the agent.
    if (folder === '' || !isAbsolute(folder)) continue
    for (const candidate of withEndings(resolve(folder, name), options)) {
      const problem = whyNotExecutable(candidate, options.path)
      if (problem === null) return { path: candidate }
      if (problem !== NOT_THERE) passedOver.push(`${candidate} ${problem}`)
    }
  }
  const [first] = passedOver
  if (first !== undefined) return { problem: `“${name}” cannot be run: ${first}.` }
  return {
    problem: `“${name}” is not installed (not on the PATH). Install it, or set its absolute path in the profile’s command.`,
  }
}

function resolvePath(name: string, options: ResolveOptions): ResolvedExecutable {
  const candidates = withEndings(resolve(options.cwd, name), options)
  const found = candidates.find((candidate) => whyNotExecutable(candidate, options.path) === null)
  if (found !== undefined) return { path: found }
  const path = resolve(options.cwd, name)
  return { problem: `${path} ${whyNotExecutable(path, options.path)}.` }
}

function withEndings(path: string, { pathext }: ResolveOptions): string[] {
  if (!WINDOWS) return [path]
  const endings = (pathext ?? process.env['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD').split(';')
  // A script of PowerShell only if there is nothing else: npm writes a batch file beside each.
  const known = [...endings.filter((ending) => ending !== ''), '.ps1']
  const hasEnding = known.some((ending) => path.toLowerCase().endsWith(ending.toLowerCase()))
  return hasEnding ? [path] : known.map((ending) => path + ending.toLowerCase())
}

const NOT_THERE = 'does not exist'

function whyNotExecutable(path: string, searchPath: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return NOT_THERE
  if (stats.isDirectory()) return 'is a folder'
  if (!stats.isFile()) return 'is not a file'
  try {
    accessSync(path, constants.X_OK)
  } catch {
    return (stats.mode & 0o111) === 0
      ? 'is not executable (chmod +x would make it so)'
      : 'is not executable by you, or is on a file system that is mounted noexec'
  }
  return WINDOWS ? null : whyNotStarted(path, stats.size, searchPath)
}

/** The PATH of a worker: the folder of the `runboard` command, then the given PATH, without duplicates. */
export function workerPath(binDir: string, basePath: string | undefined): string {
  const fallback = WINDOWS ? '' : '/usr/local/bin:/usr/bin:/bin'
  const folders = [binDir, ...(basePath || fallback).split(delimiter)]
  return [...new Set(folders.filter((folder) => folder !== ''))].join(delimiter)
}
