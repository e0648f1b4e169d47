import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { retireWorkspace } from '../workers/workspace/retire.ts'
import { setup } from './worker-setup.ts'
import { prepareWorkspace } from '../workers/workspace/workspace.ts'
import type { WorkspaceRequest } from '../workers/workspace/workspace-request.ts'

export interface Fixture {
  path: (name: string) => string
  workspaces: string
  trash: string
  project: string
  prepare: (more: Partial<WorkspaceRequest>) => ReturnType<typeof prepareWorkspace>
  retire: (path: string) => ReturnType<typeof retireWorkspace>
}

export function fixture(): Fixture {
  const { path } = setup()
  const [workspaces, trash, project] = [path('workspaces'), path('trash'), path('project')]
  return {
    path,
    workspaces,
    trash,
    project,
    prepare: (more) =>
      prepareWorkspace({
        kind: 'scratch',
        path: null,
        task_id: 't_1',
        workspaces_dir: workspaces,
        project_dir: project,
        branch: null,
        base_ref: null,
        now: () => 1_700_000_000_000,
        ...more,
      }),
    retire: (folder) => retireWorkspace(folder, { trash_dir: trash, now: () => 1_700_000_000_000 }),
  }
}

export const IDENTITY = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com']

export function gitSync(cwd: string, ...args: string[]): string {
  return execFileSync('git', [...IDENTITY, ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()
}

/** A project with one commit on branch main. */
export function repository(): Fixture {
  const made = fixture()
  mkdirSync(made.project)
  gitSync(made.project, 'init', '-q', '-b', 'main')
  commit(made.project, 'readme', 'hello\n')
  return made
}

export function commit(cwd: string, file: string, content: string): string {
  writeFileSync(join(cwd, file), content)
  gitSync(cwd, 'add', file)
  gitSync(cwd, 'commit', '-q', '-m', `Change ${file}`)
  return gitSync(cwd, 'rev-parse', 'HEAD')
}
