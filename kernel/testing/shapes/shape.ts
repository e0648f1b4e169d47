import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { makeRepository, repositoryAt, type Repository } from '../repository.ts'

/** A project as one of the ways in which repositories are set up. */
export interface ShapedProject {
  /** The board's project folder. */
  folder: string
  /** The working tree that has the target branch checked out; null where none has. */
  checkout: string | null
}

/** What cannot be done as long as the repository is as it is. */
interface Refusal {
  at: 'project' | 'creation' | 'merge'
  words: RegExp
  /** What the person does about it. Without it the shape is not supported. */
  mend?: (project: ShapedProject) => void
}

export interface Shape {
  name: string
  /** @param folder an absolute path that is not there yet; what lies beside it belongs to the shape too */
  build: (folder: string) => ShapedProject
  /** The branch that the work goes into; `main` if not given. */
  branch?: string
  /** `into` of the merge, where a person has to say it. */
  into?: string
  /** Where the project lies in its repository, with a slash at the end. */
  prefix?: string
  /** What the worker does beside what it does everywhere. */
  work?: (worktree: Repository) => void
  /** Paths that this adds to the diff, and whether they are committed. */
  paths?: Record<string, 'committed' | 'left'>
  /** What the person does between the work and the merge. */
  disturb?: (project: ShapedProject) => void
  refused?: Refusal
  /** Where the worktree goes to is tested elsewhere: only the checkout of the person is special. */
  mergeOnly?: boolean
  /** Why the worktree stays where it is at a garbage collection. Only the first task does such work. */
  kept?: RegExp
  /** Why there is nothing to test here; null where there is. */
  skip?: string | null
}

let template: string | null = null

/** Makes the template that all plain repositories are copies of: git's own start takes long. @param folder to keep it in */
export function prepareTemplate(folder: string): void {
  template = makeRepository(join(folder, 'template')).folder
}

/** A repository on `main` with one commit of `notes.txt`. */
export function plain(folder: string): Repository {
  if (template === null) throw new Error('prepareTemplate has not been called.')
  cpSync(template, folder, { recursive: true })
  return repositoryAt(folder)
}

/** A project that is its own checkout. */
export function checkedOut({ folder }: Repository): ShapedProject {
  return { folder, checkout: folder }
}
