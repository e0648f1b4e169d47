import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { makeRepository, repositoryAt, type Repository } from '../repository.ts'

/** A project set up in one of many ways. */
export interface ShapedProject {
  /** The board's project folder. */
  folder: string
  /** The working tree with the target branch checked out; null if there is none. */
  checkout: string | null
}

/** A call that is refused as long as the repository stays as it is. */
interface Refusal {
  at: 'project' | 'creation' | 'merge'
  words: RegExp
  /** How the person fixes it. Without it the shape is not supported. */
  mend?: (project: ShapedProject) => void
}

export interface Shape {
  name: string
  /** @param folder an absolute path that does not exist yet; files beside it belong to the shape too */
  build: (folder: string) => ShapedProject
  /** The branch that the work is merged into; `main` by default. */
  branch?: string
  /** `into` of the merge, if a person has to give it. */
  into?: string
  /** The project's path in its repository, with a slash at the end. */
  prefix?: string
  /** What the worker does in addition to its usual work. */
  work?: (worktree: Repository) => void
  /** Paths that this adds to the diff, and whether they are committed. */
  paths?: Record<string, 'committed' | 'left'>
  /** What the person does between the work and the merge. */
  disturb?: (project: ShapedProject) => void
  refused?: Refusal
  /** Removing the worktree is tested elsewhere: only the person's checkout is special. */
  mergeOnly?: boolean
  /** Why a garbage collection keeps the worktree. Only the first task does such work. */
  kept?: RegExp
  /** Why this cannot be tested here; null when it can. */
  skip?: string | null
}

let template: string | null = null

/**
 * Creates the template that all plain repositories are copied from, because `git init` is slow. @param folder to keep
 * it in
 */
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
