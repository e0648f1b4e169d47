import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listWorktrees } from '../git/git-worktrees.ts'
import { observe } from './observe.ts'
import type { WorkspaceRequest } from './workspace-request.ts'
import { readWorktreeMarker } from './worktree-marker.ts'
import { type Fixture, gitSync, repository, commit } from '../../testing/worker-workspace.ts'

describe('a worktree', () => {
  it('is created on a branch of the task, outside the project, and is clean', async () => {
    const { prepare, project, workspaces } = repository()
    const path = join(workspaces, 't_1')
    const head = gitSync(project, 'rev-parse', 'HEAD')
    const start = { branch: 'main', commit: head }
    expect(await prepare({ kind: 'worktree' })).toEqual({
      path,
      branch: 'runboard/t_1',
      created: true,
      start,
    })
    expect(await observe(path)).toEqual({
      head,
      branch: 'runboard/t_1',
      dirty_files: 0,
      commits_ahead: null,
      files_changed: [],
      files_changed_count: 0,
    })
    expect(gitSync(project, 'status', '--porcelain')).toBe('')
    expect(await readWorktreeMarker(path)).toMatchObject({ task_id: 't_1', base: head })
  })

  it('is the same for the next attempt, with its files, whatever branch the worker switched to', async () => {
    const { prepare } = repository()
    const { path } = await prepare({ kind: 'worktree' })
    writeFileSync(join(path, 'new'), '')
    expect(await prepare({ kind: 'worktree', path, branch: 'runboard/t_1' })).toMatchObject({
      path,
      created: false,
    })
    gitSync(path, 'switch', '-q', '-c', 'fix/other')
    expect(await prepare({ kind: 'worktree' })).toMatchObject({ path, branch: 'fix/other', created: false })
    expect(existsSync(join(path, 'new'))).toBe(true)
  })

  it('starts from the requested base, without following it', async () => {
    const { prepare, project } = repository()
    const first = gitSync(project, 'rev-parse', 'HEAD')
    commit(project, 'second', '2')
    const { path } = await prepare({
      kind: 'worktree',
      base_ref: first,
      branch: 'topic',
      path: '../trees/one',
    })
    expect(path).toBe(join(project, '../trees/one'))
    expect(await observe(path)).toMatchObject({ head: first, branch: 'topic' })
    expect(gitSync(path, 'config', '--list')).not.toContain('branch.topic')
  })

  it('checks out its branch again after the folder was removed', async () => {
    const { prepare } = repository()
    const { path } = await prepare({ kind: 'worktree' })
    const head = commit(path, 'work', 'done')
    rmSync(path, { recursive: true })
    expect(await prepare({ kind: 'worktree' })).toMatchObject({
      path,
      branch: 'runboard/t_1',
      created: true,
    })
    expect(await observe(path)).toMatchObject({ head })
  })

  it('of a parent is shared by its branch', async () => {
    const { prepare } = repository()
    const parent = await prepare({ kind: 'worktree' })
    const child = await prepare({ kind: 'worktree', task_id: 't_2', branch: 'runboard/t_1' })
    expect(child).toEqual({ ...parent, created: false })
  })

  it('is created for ten tasks of one repository at once', async () => {
    const { prepare, project } = repository()
    const tasks = Array.from({ length: 10 }, (_, n) => `t_${n}`)
    const made = await Promise.all(tasks.map((task_id) => prepare({ kind: 'worktree', task_id })))
    expect(made.map(({ branch }) => branch)).toEqual(tasks.map((task) => `runboard/${task}`))
    expect(await listWorktrees(project)).toHaveLength(11)
  })

  it('is created while other processes create theirs in the same repository', async () => {
    const { prepare, project, path } = repository()
    // Theirs may fail because of ours; ours must not fail because of theirs.
    const others = Promise.allSettled(
      Array.from({ length: 6 }, (_, n) =>
        promisify(execFile)('git', ['worktree', 'add', '-b', `other-${n}`, path(`other-${n}`)], {
          cwd: project,
        }),
      ),
    )
    const tasks = Array.from({ length: 6 }, (_, n) => `t_${n}`)
    const made = await Promise.all(tasks.map((task_id) => prepare({ kind: 'worktree', task_id })))
    expect(made.map(({ created }) => created)).toEqual(tasks.map(() => true))
    await others
  })

  it('is not affected by a failing hook, nor by the environment of one', async () => {
    const { prepare, project, path } = repository()
    writeFileSync(join(project, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch ${path('hooked')}\nexit 1\n`, {
      mode: 0o755,
    })
    process.env['GIT_DIR'] = path('elsewhere')
    onTestFinished(() => {
      delete process.env['GIT_DIR']
    })
    expect(await prepare({ kind: 'worktree' })).toMatchObject({ created: true })
    expect(existsSync(path('hooked'))).toBe(false)
  })

  it.each<[string, RegExp, (made: Fixture) => Partial<WorkspaceRequest>]>([
    ['no project folder', /the board has no project folder/, () => ({ project_dir: null })],
    [
      'a project that is gone',
      /folder .*nowhere is not there\.$/,
      ({ path }) => ({ project_dir: path('nowhere') }),
    ],
    ['a project without git', /is not in a git repository\.$/, ({ path }) => ({ project_dir: path('.') })],
    ['an unknown base', /^“no-such” is not a commit or branch/, () => ({ base_ref: 'no-such' })],
    ['a base that looks like an option', /is not a commit or branch/, () => ({ base_ref: '--all' })],
    ['an impossible branch', /^“a b” is not a valid branch name/, () => ({ branch: 'a b' })],
    ['a branch that looks like an option', /is not a valid branch name/, () => ({ branch: '-D' })],
    [
      'a branch that is checked out',
      /^Branch main is checked out in .*project\. Check/,
      () => ({ branch: 'main' }),
    ],
    [
      'a path with something in it',
      /already exists and is not a worktree of/,
      ({ path }) => {
        mkdirSync(path('full'))
        writeFileSync(path('full/file'), '')
        return { path: path('full') }
      },
    ],
    [
      'a path that is a worktree on another branch',
      /is a worktree on branch mine, not on runboard\/t_1/,
      ({ path, project }) => {
        gitSync(project, 'worktree', 'add', '-q', '-b', 'mine', path('mine'))
        return { path: path('mine') }
      },
    ],
    [
      'a branch in a worktree of the user',
      /^Branch mine is checked out in .*mine\. Check out another/,
      ({ path, project }) => {
        gitSync(project, 'worktree', 'add', '-q', '-b', 'mine', path('mine'))
        return { branch: 'mine' }
      },
    ],
    [
      'a repository without commits',
      /has no commit yet/,
      ({ path }) => {
        mkdirSync(path('empty'))
        gitSync(path('empty'), 'init', '-q')
        return { project_dir: path('empty') }
      },
    ],
  ])('is refused for %s', async (_what, sentence, more) => {
    const made = repository()
    const request = more(made)
    await expect(made.prepare({ kind: 'worktree', ...request })).rejects.toThrow(sentence)
    expect(existsSync(join(made.workspaces, 't_1'))).toBe(false)
  })

  it('of the user’s own is used when path and branch match', async () => {
    const { prepare, path, project } = repository()
    gitSync(project, 'worktree', 'add', '-q', '-b', 'mine', path('mine'))
    const mine = await prepare({ kind: 'worktree', path: path('mine'), branch: 'mine' })
    expect(mine).toMatchObject({ path: path('mine'), branch: 'mine', created: false })
    expect(await readWorktreeMarker(path('mine'))).toBeNull()
  })
})
