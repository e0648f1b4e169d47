import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeRepository } from '../testing/repository.ts'
import { addSubmodules, initSubmodules, submoduleAt } from '../testing/submodules.ts'
import { worktreeStage } from '../testing/worktree-task.ts'

it('G4: work with repositories that are no submodules is not merged, committed or not', async () => {
  const { call, inReview, refused, repository } = await worktreeStage()
  const { id } = await inReview(({ commit, folder, git }) => {
    commit('work.txt', 'work\n')
    makeRepository(join(folder, 'tool'))
    git('-c', 'advice.addEmbeddedRepo=false', 'add', 'tool')
    git('commit', '-q', '-m', 'Add tool')
    git('worktree', 'add', '-q', '-b', 'agent-1', '.claude/worktrees/agent-1')
  })
  const before = repository.git('rev-parse', 'main')
  const error = await refused('CONFLICT', 'task.approve', { id, merge: true })
  expect(error.message).toContain('not submodules: .claude/worktrees/agent-1, tool.')
  expect(repository.git('rev-parse', 'main')).toBe(before)
  const diff = await call('task.diff', { id })
  expect(diff.merge_refusal).toBe(error.message)
  expect(diff.files.map(({ path, entry, uncommitted }) => [path, entry, uncommitted])).toEqual([
    ['tool', 'repository', false],
    ['work.txt', 'file', false],
    ['.claude/worktrees/agent-1', 'repository', true],
  ])
})

it('G5: a merged submodule bump does not keep the next merge back', async () => {
  const { call, inReview, repository } = await worktreeStage()
  addSubmodules(repository)
  const { id } = await inReview((worktree) => {
    initSubmodules(worktree)
    submoduleAt(worktree, 'lib/sub').commit('fix.txt', 'fix')
    worktree.git('commit', '-qam', 'Bump')
  })
  expect((await call('task.diff', { id })).files).toMatchObject([{ path: 'lib/sub', entry: 'submodule' }])
  await call('task.approve', { id, merge: true })
  const bumped = repository.git('ls-tree', 'main', 'lib/sub')
  expect(repository.git('status', '--porcelain')).toBe('M lib/sub')

  const next = await inReview()
  await call('task.approve', { id: next.id, merge: true })
  expect(repository.git('ls-tree', 'main', 'lib/sub')).toBe(bumped)
})

it('G14: the diff marks each file that is not committed, changed ones too, and counts them', async () => {
  const { call, inReview } = await worktreeStage()
  const { id } = await inReview(({ commit, write }) => {
    commit('one.txt', '1\n')
    write('notes.txt', 'changed\n')
    write('two.txt', '2\n')
  })
  const diff = await call('task.diff', { id })
  expect([diff.files_count, diff.uncommitted]).toEqual([3, 2])
  expect(diff.files.map(({ path, uncommitted }) => [path, uncommitted])).toEqual([
    ['notes.txt', true],
    ['one.txt', false],
    ['two.txt', true],
  ])
})
