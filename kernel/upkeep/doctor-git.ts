import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { OperationError } from '../../contract/index.ts'
import type { Services } from '../services.ts'
import { findGit, GIT_CAPABILITIES, type GitVersion, lacking } from '../workers/git/git-version.ts'
import { fine, type Finding, wrong } from './doctor-finding.ts'

/** Reports the version of git, the version that each capability needs, and the boards concerned. */
export async function gitFinding(services: Pick<Services, 'folders' | 'home'>): Promise<Finding> {
  const boards = boardsWithGit(services)
  const found = await findGit(services.home)
  const needs = GIT_CAPABILITIES.map(({ what, least }) => `${what} need ${versionText(least)}`).join(', ')
  if (found === null) {
    if (boards.length === 0) return fine(`git is not installed, and no board needs it: ${needs}.`)
    return wrong(`git is not installed, or not on the PATH, and ${projectsOf(boards)}: ${needs}.`)
  }
  const missing = lacking(found.version)
  if (missing.length === 0) return fine(`git ${found.text} supports everything that Runboard uses: ${needs}.`)
  const lacks = missing.map(({ what, least }) => `${what} (from ${versionText(least)})`).join(', ')
  const sentence = `git ${found.text} is too old for some features; it lacks: ${lacks}`
  if (boards.length === 0) return fine(`${sentence}. No board has a git project.`)
  return wrong(`${sentence}. That concerns ${boards.join(', ')}: ${projectsOf(boards)}.`)
}

const versionText = ([major, minor]: GitVersion): string => `git ${major}.${minor}`

function projectsOf(boards: readonly string[]): string {
  return boards.length === 1
    ? `the project of board ${boards[0] ?? ''} is a git repository`
    : `the projects of boards ${boards.join(', ')} are git repositories`
}

/** Found without git, which may be missing. */
function boardsWithGit({ folders }: Pick<Services, 'folders'>): string[] {
  return folders.list().filter((slug) => {
    try {
      const { project_dir } = folders.read(slug)
      return project_dir !== null && liesInRepository(project_dir)
    } catch (error) {
      // Another check reports settings that cannot be read.
      if (error instanceof OperationError) return false
      throw error
    }
  })
}

function liesInRepository(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return true
    if (dirname(at) === at) return false
  }
}
