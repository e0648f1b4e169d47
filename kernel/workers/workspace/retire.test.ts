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
import { describe, expect, it, onTestFinished } from 'vitest'
import { listWorktrees } from '../git/git-worktrees.ts'
import { MARKER_NAME } from './marker.ts'
import { retireWorkspace } from './retire.ts'
import { type Fixture, fixture, gitSync, repository, commit } from '../../testing/worker-workspace.ts'

describe('retiring a workspace', () => {
  it('moves a folder that we created to the trash, with all its files', async () => {
    const { prepare, retire, trash } = fixture()
    const { path } = await prepare({})
    writeFileSync(join(path, 'result'), 'kept')
    expect(await retire(path)).toEqual({ moved_to: join(trash, 't_1-20231114T221320') })
    expect(existsSync(path)).toBe(false)
    expect(readFileSync(join(trash, 't_1-20231114T221320/result'), 'utf8')).toBe('kept')
    await prepare({})
    expect(await retire(path)).toEqual({ moved_to: join(trash, 't_1-20231114T221320-2') })
  })

  it.each<[string, (made: Fixture) => Promise<string> | string]>([
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
      'a marker that is not JSON',
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

  it('a worktree goes if all of it is committed and on another branch; its branch stays', async () => {
    const { prepare, retire, project } = repository()
    const { path } = await prepare({ kind: 'worktree' })
    writeFileSync(join(path, 'work'), '')
    expect(await retire(path)).toMatchObject({ kept: expect.stringMatching(/not committed \(1 file\)/) })
    const head = commit(path, 'work', 'done')
    expect(await retire(path)).toMatchObject({ kept: expect.stringMatching(/neither pushed nor merged/) })
    gitSync(project, 'merge', '-q', 'runboard/t_1')
    expect(await retire(path)).toHaveProperty('moved_to')
    expect(existsSync(path)).toBe(false)
    expect(await listWorktrees(project)).toHaveLength(1)
    expect(gitSync(project, 'rev-parse', 'runboard/t_1')).toBe(head)
  })

  it('a pushed worktree goes; a locked one and one of the user’s stay', async () => {
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
  it.runIf(otherDevice)('works if the trash lies on another device', async () => {
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
