import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { environmentOf, type Home } from './home.ts'

const IDENTITY = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com']
const COMMIT = `git ${IDENTITY.join(' ')} commit -q -m`

/** Gives the board a project: a repository with one file of three lines. @returns the folder of the project */
export async function greetingProject(home: Home): Promise<string> {
  const folder = join(home.path, 'project')
  mkdirSync(folder)
  const git = (...args: string[]) =>
    execFileSync('git', [...IDENTITY, ...args], { cwd: folder, env: environmentOf(home.path) })
  git('init', '-q', '-b', 'main')
  writeFileSync(join(folder, 'greet.py'), 'def greet(name):\n    print("hello")\n    return None\n')
  git('add', '.')
  git('commit', '-q', '-m', 'Greet')
  await home.cli('boards', 'set', 'work', `project_dir=${folder}`)
  return folder
}

/** A worker that writes a louder greeting with each attempt, and asks for review. */
export const AUTHOR = [
  'sed -i "s/hello/hello $RUNBOARD_ATTEMPT/" greet.py',
  'echo "greet everybody" > notes.md',
  'git add greet.py',
  `${COMMIT} "Greet, attempt $RUNBOARD_ATTEMPT"`,
  'runboard request-review --summary "Greets louder"',
].join('; ')

/**
 * Creates a task whose worker commits a change in its worktree, leaves an uncommitted file, and asks for review. A
 * dispatcher must be running.
 */
export async function greetingTask(home: Home): Promise<{ project: string; id: string }> {
  const project = await greetingProject(home)
  await home.addProfile('author', AUTHOR)
  const id = await home.create('Greet louder', '--assignee', 'author', '--workspace', 'worktree')
  return { project, id }
}

export async function workUntilReview(home: Home, id: string, ...flags: string[]): Promise<void> {
  await expect.poll(async () => (await home.task(id, ...flags)).status, { timeout: 60_000 }).toBe('review')
}
