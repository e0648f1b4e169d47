import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../home/files.ts'
import { OperationError } from '../../contract/index.ts'
import { git } from '../workers/git/git.ts'
import { isRepository } from '../workers/git/project-repository.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'

/** Maximum files and folders visited in a project without git. In a repository, git lists all. */
const MOST_WALKED = 20_000

/** Folders without files of the user's. In a project without git, no ignore rules name them. */
const SKIPPED = new Set(['node_modules', '__pycache__', 'target', 'venv'])

/**
 * Finds files of a project by the letters of their path, in order and in any case: `rdm` finds `docs/readme.md`.
 *
 * @param query blank: any file
 * @returns paths relative to the folder, with `/`, best first: hits in the name before hits in the path, short ones
 *   before long ones
 * @throws OperationError CONFLICT if the folder cannot be read, or git cannot list it
 */
export async function findProjectFiles(project: string, query: string, limit: number): Promise<string[]> {
  const files = await filesOf(project)
  const letters = query.trim().toLowerCase()
  return files
    .map((file) => ({ file, rank: rankOf(file.toLowerCase(), letters) }))
    .filter(({ rank }) => rank !== null)
    .sort(
      (a, b) => (a.rank ?? 0) - (b.rank ?? 0) || a.file.length - b.file.length || (a.file < b.file ? -1 : 1),
    )
    .slice(0, limit)
    .map(({ file }) => file)
}

async function filesOf(project: string): Promise<string[]> {
  try {
    return (await isRepository(project)) ? await filesOfRepository(project) : await walk(project)
  } catch (error) {
    if (error instanceof WorkerSetupError)
      throw new OperationError('CONFLICT', error.message, { path: project })
    throw error
  }
}

/** Tracked and new files, without ignored ones. */
async function filesOfRepository(folder: string): Promise<string[]> {
  const listed = await git(folder, ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  return [...new Set(listed.split('\0'))].filter((file) => file !== '')
}

/** Breadth first, so that the limit leaves out the deepest files. Links to folders are not followed. */
async function walk(project: string): Promise<string[]> {
  const files: string[] = []
  let looked = 0
  const folders = ['']
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for await (const entry of entriesOf(project, folder)) {
      looked += 1
      if (looked > MOST_WALKED) return files
      if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) folders.push(path)
      else if (entry.isFile()) files.push(path)
    }
  }
  return files
}

async function* entriesOf(project: string, folder: string) {
  try {
    yield* await opendir(join(project, folder))
  } catch (error) {
    if (folder !== '') return // a folder inside that we may not read, or that was removed meanwhile
    const message = fileError(project, error)?.message ?? `The project folder ${project} cannot be read.`
    throw new OperationError('CONFLICT', message, { path: project })
  }
}

/** @returns smaller is better; null if the letters do not occur in the path in their order */
function rankOf(path: string, letters: string): number | null {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name.startsWith(letters)) return 0
  if (name.includes(letters)) return 1
  if (path.includes(letters)) return 2
  let at = -1
  for (const letter of letters) {
    at = path.indexOf(letter, at + 1)
    if (at === -1) return null
  }
  return 3
}
