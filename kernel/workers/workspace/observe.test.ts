import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { observe } from './observe.ts'
import { fixture, gitSync, repository, commit } from '../../testing/worker-workspace.ts'

describe('observing a workspace', () => {
  it('gives nothing without a repository', async () => {
    const { path } = fixture()
    expect(await observe(path('.'))).toBeNull()
  })

  it('gives committed and uncommitted changes of a run', async () => {
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

  it('counts commits from the base, and survives an unknown one', async () => {
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

  it('of a folder within a repository sees only what lies below it', async () => {
    const { project } = repository()
    mkdirSync(join(project, 'sub'))
    writeFileSync(join(project, 'sub/file'), '')
    writeFileSync(join(project, 'outside'), '')
    expect(await observe(join(project, 'sub'))).toMatchObject({ dirty_files: 1, files_changed: ['file'] })
  })

  it('of a repository without a commit has no head', async () => {
    const { path } = fixture()
    gitSync(path('.'), 'init', '-q', '-b', 'main')
    expect(await observe(path('.'))).toMatchObject({ head: null, branch: 'main', commits_ahead: null })
  })
})
