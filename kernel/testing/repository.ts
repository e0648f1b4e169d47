import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const IDENTITY = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com']

/** A shell line that commits everything in the folder. */
export const COMMIT = `git ${IDENTITY.join(' ')} commit -q -m`

/** A git repository on branch `main`. */
export interface Repository {
  folder: string
  /** @returns what git printed, trimmed */
  git: (...args: string[]) => string
  write: (file: string, text: string) => void
  read: (file: string) => string
  /** Writes a file and commits it. */
  commit: (file: string, text: string) => void
}

/** @returns the repository or worktree in a folder */
export function repositoryAt(folder: string): Repository {
  const git = (...args: string[]) =>
    execFileSync('git', [...IDENTITY, ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  const commit = (file: string, text: string) => {
    write(file, text)
    git('add', '--all')
    git('commit', '-q', '-m', `Write ${file}`)
  }
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  return { folder, git, write, read, commit }
}

/** Creates a repository in a new folder, with one commit of a file of five lines, `notes.txt`. */
export function makeRepository(folder: string): Repository {
  mkdirSync(folder, { recursive: true })
  const repository = repositoryAt(folder)
  repository.git('init', '-q', '-b', 'main')
  repository.commit('notes.txt', 'one\ntwo\nthree\nfour\nfive\n')
  return repository
}
