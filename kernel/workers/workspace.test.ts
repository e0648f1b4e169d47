import { execFile, execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { git, listWorktrees } from './git.ts'
import { MARKER_NAME, readMarker } from './marker.ts'
import { observe } from './observe.ts'
import { retireWorkspace } from './retire.ts'
import { setup } from './test-setup.ts'
import { prepareWorkspace, type WorkspaceRequest } from './workspace.ts'
import { readWorktreeMarker } from './worktree.ts'

interface Fixture {
  path: (name: string) => string
  workspaces: string
  trash: string
  project: string
  prepare: (more: Partial<WorkspaceRequest>) => ReturnType<typeof prepareWorkspace>
  retire: (path: string) => ReturnType<typeof retireWorkspace>
}

function fixture(): Fixture {
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

const IDENTITY = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com']

function gitSync(cwd: string, ...args: string[]): string {
  return execFileSync('git', [...IDENTITY, ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()
}

/** A project with one commit on branch main. */
function repository(): Fixture {
  const made = fixture()
  mkdirSync(made.project)
  gitSync(made.project, 'init', '-q', '-b', 'main')
  commit(made.project, 'readme', 'hello\n')
  return made
}

function commit(cwd: string, file: string, content: string): string {
  writeFileSync(join(cwd, file), content)
  gitSync(cwd, 'add', file)
  gitSync(cwd, 'commit', '-q', '-m', `Change ${file}`)
  return gitSync(cwd, 'rev-parse', 'HEAD')
}

describe('a scratch workspace', () => {
  test('is a new, marked folder, and the same one for the next attempt', async () => {
    const { prepare, workspaces } = fixture()
    const path = join(workspaces, 't_1')
    expect(await prepare({})).toEqual({ path, branch: null, created: true })
    expect(readMarker(path)).toMatchObject({ task_id: 't_1', created_at: 1_700_000_000_000, path })
    writeFileSync(join(path, 'work'), 'kept')
    expect(await prepare({})).toEqual({ path, branch: null, created: false })
    expect(await prepare({ path })).toEqual({ path, branch: null, created: false })
    expect(readFileSync(join(path, 'work'), 'utf8')).toBe('kept')
  })

  test('that was made but not yet marked is marked by the next attempt, if it is still empty', async () => {
    const { prepare, workspaces } = fixture()
    mkdirSync(join(workspaces, 't_1'), { recursive: true })
    mkdirSync(join(workspaces, 't_2'))
    writeFileSync(join(workspaces, 't_2/file'), '')
    await prepare({})
    await prepare({ task_id: 't_2' })
    expect(readMarker(join(workspaces, 't_1'))).not.toBeNull()
    expect(readMarker(join(workspaces, 't_2'))).toBeNull()
  })

  test('is never made for an id that leads elsewhere', async () => {
    const { prepare } = fixture()
    await expect(prepare({ task_id: '../../etc' })).rejects.toThrow('is no id of a task')
  })
})

describe('a folder as workspace', () => {
  test('that exists is used and not marked', async () => {
    const { prepare, project } = fixture()
    mkdirSync(project)
    expect(await prepare({ kind: 'dir', path: project })).toEqual({
      path: project,
      branch: null,
      created: false,
    })
    expect(readdirSync(project)).toEqual([])
  })

  test('that does not exist is made with its parents, and only itself marked', async () => {
    const { prepare, path } = fixture()
    expect(await prepare({ kind: 'dir', path: path('a/b/c') })).toMatchObject({ created: true })
    expect(readMarker(path('a/b/c'))).not.toBeNull()
    expect(existsSync(path(`a/b/${MARKER_NAME}`))).toBe(false)
  })

  test('is refused with a sentence when it cannot be one', async () => {
    const { prepare, path } = fixture()
    writeFileSync(path('file'), '')
    const dir = (folder: string | null) => prepare({ kind: 'dir', path: folder })
    await expect(dir(null)).rejects.toThrow('The workspace names no folder: write dir:/absolute/path.')
    await expect(dir('relative')).rejects.toThrow('The workspace relative is not an absolute path.')
    await expect(dir(path('file'))).rejects.toThrow(`The workspace ${path('file')} is a file, not a folder.`)
    await expect(dir(path('file/below'))).rejects.toThrow(/cannot be made: ENOTDIR|is a file/)
  })
})

describe('a worktree', () => {
  test('is made on a branch of the task, outside of the project, and is clean', async () => {
    const { prepare, project, workspaces } = repository()
    const path = join(workspaces, 't_1')
    expect(await prepare({ kind: 'worktree' })).toEqual({ path, branch: 'runboard/t_1', created: true })
    const head = gitSync(project, 'rev-parse', 'HEAD')
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

  test('is the same for the next attempt, with what was left in it, whatever branch the worker switched to', async () => {
    const { prepare } = repository()
    const { path } = await prepare({ kind: 'worktree' })
    writeFileSync(join(path, 'new'), '')
    expect(await prepare({ kind: 'worktree', path, branch: 'runboard/t_1' })).toMatchObject({
      path,
      created: false,
    })
    gitSync(path, 'switch', '-q', '-c', 'fix/other')
    expect(await prepare({ kind: 'worktree' })).toEqual({ path, branch: 'fix/other', created: false })
    expect(existsSync(join(path, 'new'))).toBe(true)
  })

  test('starts from the base that is asked for, without following it', async () => {
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

  test('takes up its branch again after the folder went away', async () => {
    const { prepare } = repository()
    const { path } = await prepare({ kind: 'worktree' })
    const head = commit(path, 'work', 'done')
    rmSync(path, { recursive: true })
    expect(await prepare({ kind: 'worktree' })).toEqual({ path, branch: 'runboard/t_1', created: true })
    expect(await observe(path)).toMatchObject({ head })
  })

  test('of a parent is shared by its branch', async () => {
    const { prepare } = repository()
    const parent = await prepare({ kind: 'worktree' })
    const child = await prepare({ kind: 'worktree', task_id: 't_2', branch: 'runboard/t_1' })
    expect(child).toEqual({ path: parent.path, branch: 'runboard/t_1', created: false })
  })

  test('ten at once in one repository are all made', async () => {
    const { prepare, project } = repository()
    const tasks = Array.from({ length: 10 }, (_, n) => `t_${n}`)
    const made = await Promise.all(tasks.map((task_id) => prepare({ kind: 'worktree', task_id })))
    expect(made.map(({ branch }) => branch)).toEqual(tasks.map((task) => `runboard/${task}`))
    expect(await listWorktrees(project)).toHaveLength(11)
  })

  test('is made while other processes make theirs in the same repository', async () => {
    const { prepare, project, path } = repository()
    // Theirs may fail on ours; that is what ours are protected from.
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

  test('is not disturbed by a hook that fails, nor by the environment of one', async () => {
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

  test.each<[string, RegExp, (made: Fixture) => Partial<WorkspaceRequest>]>([
    ['no project folder', /the board has no project folder/, () => ({ project_dir: null })],
    [
      'a project that is gone',
      /folder .*nowhere is not there\.$/,
      ({ path }) => ({ project_dir: path('nowhere') }),
    ],
    ['a project without git', /is not in a git repository\.$/, ({ path }) => ({ project_dir: path('.') })],
    ['an unknown base', /^"no-such" is no commit or branch/, () => ({ base_ref: 'no-such' })],
    ['a base that looks like an option', /is no commit or branch/, () => ({ base_ref: '--all' })],
    ['an impossible branch', /^"a b" is no valid name/, () => ({ branch: 'a b' })],
    ['a branch that looks like an option', /is no valid name/, () => ({ branch: '-D' })],
    [
      'a branch that is checked out',
      /^Branch main is checked out in .*project\. Check/,
      () => ({ branch: 'main' }),
    ],
    [
      'a path with something in it',
      /is there already and is no worktree of/,
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

  test('of the user’s own is used when path and branch say so', async () => {
    const { prepare, path, project } = repository()
    gitSync(project, 'worktree', 'add', '-q', '-b', 'mine', path('mine'))
    const mine = await prepare({ kind: 'worktree', path: path('mine'), branch: 'mine' })
    expect(mine).toEqual({ path: path('mine'), branch: 'mine', created: false })
    expect(await readWorktreeMarker(path('mine'))).toBeNull()
  })
})

describe('what is observed of a workspace', () => {
  test('is nothing where there is no repository', async () => {
    const { path } = fixture()
    expect(await observe(path('.'))).toBeNull()
  })

  test('is what a run committed and what it left uncommitted', async () => {
    const { project } = repository()
    const head_before = gitSync(project, 'rev-parse', 'HEAD')
    commit(project, 'committed', '1')
    gitSync(project, 'mv', 'readme', 'read me, ü')
    mkdirSync(join(project, 'new'))
    writeFileSync(join(project, 'new/a'), '')
    writeFileSync(join(project, 'new/b'), '')
    writeFileSync(join(project, 'ignored'), '')
    writeFileSync(join(project, '.git/info/exclude'), 'ignored\n')
    expect(await observe(project, { head_before })).toEqual({
      head: gitSync(project, 'rev-parse', 'HEAD'),
      branch: 'main',
      dirty_files: 3,
      commits_ahead: 1,
      files_changed: ['committed', 'new/a', 'new/b', 'read me, ü', 'readme'],
      files_changed_count: 5,
    })
  })

  test('counts commits from the base, and survives one that is not known', async () => {
    const { prepare } = repository()
    const { path } = await prepare({ kind: 'worktree' })
    commit(path, 'one', '1')
    const head_before = gitSync(path, 'rev-parse', 'HEAD')
    commit(path, 'two', '2')
    expect(await observe(path, { head_before, base: 'main' })).toMatchObject({
      commits_ahead: 2,
      files_changed: ['two'],
    })
    expect(await observe(path, { head_before: 'f'.repeat(40) })).toMatchObject({
      commits_ahead: null,
      files_changed: [],
    })
  })

  test('of a folder within a repository is what lies below it', async () => {
    const { project } = repository()
    mkdirSync(join(project, 'sub'))
    writeFileSync(join(project, 'sub/file'), '')
    writeFileSync(join(project, 'outside'), '')
    expect(await observe(join(project, 'sub'))).toMatchObject({ dirty_files: 1, files_changed: ['file'] })
  })

  test('of a repository without a commit has no head', async () => {
    const { path } = fixture()
    gitSync(path('.'), 'init', '-q', '-b', 'main')
    expect(await observe(path('.'))).toMatchObject({ head: null, branch: 'main', commits_ahead: null })
  })
})

describe('retiring a workspace', () => {
  test('moves a folder that we made to the trash, with all that is in it', async () => {
    const { prepare, retire, trash } = fixture()
    const { path } = await prepare({})
    writeFileSync(join(path, 'result'), 'kept')
    expect(await retire(path)).toEqual({ moved_to: join(trash, 't_1-20231114T221320') })
    expect(existsSync(path)).toBe(false)
    expect(readFileSync(join(trash, 't_1-20231114T221320/result'), 'utf8')).toBe('kept')
    await prepare({})
    expect(await retire(path)).toEqual({ moved_to: join(trash, 't_1-20231114T221320-2') })
  })

  test.each<[string, (made: Fixture) => Promise<string> | string]>([
    [
      'a folder of the user',
      ({ project }) => {
        mkdirSync(project)
        return project
      },
    ],
    [
      'a folder with a marker copied from ours',
      async ({ prepare, project }) => {
        cpSync((await prepare({})).path, project, { recursive: true })
        return project
      },
    ],
    [
      'a folder of ours that the user moved to a place of theirs',
      async ({ prepare, project }) => {
        renameSync((await prepare({})).path, project)
        return project
      },
    ],
    [
      'a folder that stands where ours was',
      async ({ prepare, path }) => {
        const made = (await prepare({})).path
        const marker = readFileSync(join(made, MARKER_NAME))
        renameSync(made, path('away'))
        mkdirSync(made)
        writeFileSync(join(made, MARKER_NAME), marker)
        return made
      },
    ],
    [
      'a link to a folder of ours',
      async ({ prepare, path }) => {
        symlinkSync((await prepare({})).path, path('link'))
        return path('link')
      },
    ],
    [
      'a marker that is no JSON',
      ({ project }) => {
        mkdirSync(project)
        writeFileSync(join(project, MARKER_NAME), 'x')
        return project
      },
    ],
    ['a folder that is gone', ({ path }) => path('gone')],
    ['a repository', () => repository().project],
  ])('leaves %s alone', async (_what, make) => {
    const made = fixture()
    const path = await make(made)
    const before = existsSync(path) ? readdirSync(path) : null
    expect(await made.retire(path)).toHaveProperty('kept')
    expect(existsSync(path) ? readdirSync(path) : null).toEqual(before)
    expect(existsSync(made.trash)).toBe(false)
  })

  test('a worktree goes when all of it is committed and part of another branch; its branch stays', async () => {
    const { prepare, retire, project } = repository()
    const { path } = await prepare({ kind: 'worktree' })
    writeFileSync(join(path, 'work'), '')
    expect(await retire(path)).toMatchObject({ kept: expect.stringMatching(/not committed \(1 files\)/) })
    const head = commit(path, 'work', 'done')
    expect(await retire(path)).toMatchObject({ kept: expect.stringMatching(/neither pushed nor merged/) })
    gitSync(project, 'merge', '-q', 'runboard/t_1')
    expect(await retire(path)).toHaveProperty('moved_to')
    expect(existsSync(path)).toBe(false)
    expect(await listWorktrees(project)).toHaveLength(1)
    expect(gitSync(project, 'rev-parse', 'runboard/t_1')).toBe(head)
  })

  test('a pushed worktree goes, a locked one and one of the user stay', async () => {
    const { prepare, retire, project, path } = repository()
    gitSync(path('.'), 'clone', '-q', '--bare', project, 'remote.git')
    gitSync(project, 'remote', 'add', 'origin', path('remote.git'))
    const { path: pushed } = await prepare({ kind: 'worktree' })
    commit(pushed, 'work', 'done')
    gitSync(pushed, 'push', '-q', 'origin', 'HEAD')
    gitSync(project, 'worktree', 'lock', pushed)
    expect(await retire(pushed)).toEqual({ kept: `The worktree ${pushed} is locked.` })
    gitSync(project, 'worktree', 'unlock', pushed)
    expect(await retire(pushed)).toHaveProperty('moved_to')
    gitSync(project, 'worktree', 'add', '-q', '-b', 'mine', path('mine'))
    expect(await retire(path('mine'))).toEqual({
      kept: `The worktree ${path('mine')} was not made by Runboard.`,
    })
  })

  const shm = '/dev/shm'
  const otherDevice = existsSync(shm) && statSync(shm).dev !== statSync(process.env['TMPDIR'] ?? '/tmp').dev
  test.runIf(otherDevice)('works when the trash lies on another device', async () => {
    const { prepare } = fixture()
    const trash_dir = mkdtempSync(join(shm, 'runboard-trash-'))
    onTestFinished(() => rmSync(trash_dir, { recursive: true }))
    const { path } = await prepare({})
    writeFileSync(join(path, 'run.sh'), 'x', { mode: 0o755 })
    symlinkSync('run.sh', join(path, 'link'))
    const { mode } = statSync(join(path, 'run.sh'))
    const retired = await retireWorkspace(path, { trash_dir })
    const target = 'moved_to' in retired ? retired.moved_to : ''
    expect(basename(target)).toMatch(/^t_1-\d{8}T\d{6}$/)
    expect(readdirSync(target).sort()).toEqual([MARKER_NAME, 'link', 'run.sh'])
    expect(statSync(join(target, 'link')).mode).toBe(mode)
    expect(existsSync(path)).toBe(false)
  })
})

describe('git', () => {
  test('fails with its own words as a sentence', async () => {
    const { project } = repository()
    await expect(git(project, ['rev-parse', '--verify', 'nothing'])).rejects.toThrow(
      `git rev-parse failed in ${project}: Needed a single revision.`,
    )
  })

  test('is ended when it takes too long', async () => {
    const { project } = repository()
    const slow = ['-c', 'alias.slow=!sleep 60', 'slow']
    await expect(git(project, slow, { timeout_ms: 50 })).rejects.toThrow(/took longer than 0.05 s/)
  })

  test('that is not installed is said so', async () => {
    const { path } = fixture()
    const before = process.env['PATH']
    process.env['PATH'] = path('.')
    onTestFinished(() => {
      process.env['PATH'] = before
    })
    await expect(git(path('.'), ['status'])).rejects.toThrow('git is not installed, or not on the PATH.')
  })
})
