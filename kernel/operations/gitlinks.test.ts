import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeRepository } from '../testing/repository.ts'
import { addSubmodules, initSubmodules, submoduleAt } from '../testing/submodules.ts'
import { worktreeStage, type WorktreeStage } from '../testing/worktree-task.ts'

it('G4: does not merge work with repositories that are not submodules, committed or not', async () => {
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

it('G5: a merged submodule bump does not block the next merge', async () => {
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
  expect(await call('task.approve', { id: next.id, merge: true })).not.toHaveProperty('warnings')
  expect(repository.git('ls-tree', 'main', 'lib/sub')).toBe(bumped)
})

describe('G5: a merge that moves a submodule', () => {
  /** Work that moves `lib/sub`. @returns the answer of the merge, and the submodule's commit */
  async function bump({ call, inReview }: WorktreeStage, file: string) {
    let moved_to = ''
    const { id, folder } = await inReview((worktree) => {
      initSubmodules(worktree)
      const sub = submoduleAt(worktree, 'lib/sub')
      sub.commit(file, 'fix')
      sub.git('push', '-q', 'origin', `HEAD:refs/heads/${file}`)
      moved_to = sub.git('rev-parse', 'HEAD')
      worktree.git('commit', '-qam', 'Bump')
    })
    return { folder, moved_to, ...(await call('task.merge', { id })) }
  }

  it('says how to update its folder in the checkout, each time until that is done', async () => {
    const stage = await worktreeStage()
    const { inReview, call, repository } = stage
    addSubmodules(repository)
    const advice = `The merge moved a submodule, and its folder in ${repository.folder} did not follow. Run there: git submodule update --init -- lib/sub`
    const first = await bump(stage, 'one')
    expect(first.warnings).toEqual([
      advice,
      `The submodule lib/sub of the checkout does not have commit ${first.moved_to.slice(0, 9)} yet. If its remote does not have it either, push it from ${first.folder}/lib/sub first.`,
    ])
    expect((await bump(stage, 'two')).warnings?.[0]).toBe(advice)

    const command = advice.slice(advice.indexOf('git ') + 4).split(' ')
    repository.git('-c', 'protocol.file.allow=always', ...command)
    expect(repository.git('status', '--porcelain')).toBe('')
    const next = await inReview()
    expect(await call('task.merge', { id: next.id })).not.toHaveProperty('warnings')
  })

  it('is silent about a submodule that the person has not checked out, and quotes a path for the shell', async () => {
    const stage = await worktreeStage()
    addSubmodules(stage.repository)
    stage.repository.git('mv', 'lib/sub', 'lib/the sub')
    stage.repository.git('commit', '-qm', 'Rename')
    const { id } = await stage.inReview((worktree) => {
      initSubmodules(worktree)
      submoduleAt(worktree, 'lib/the sub').commit('fix.txt', 'fix')
      worktree.git('commit', '-qam', 'Bump')
    })
    expect((await stage.call('task.approve', { id, merge: true })).warnings?.[0]).toMatch(
      / git submodule update --init -- 'lib\/the sub'$/,
    )

    stage.repository.git('submodule', '--quiet', 'deinit', '--all', '--force')
    const next = await stage.inReview((worktree) => {
      worktree.git('update-index', '--cacheinfo', `160000,${worktree.git('rev-parse', 'HEAD')},lib/the sub`)
      worktree.git('commit', '-qm', 'Bump again')
    })
    expect(await stage.call('task.merge', { id: next.id })).not.toHaveProperty('warnings')
  })
})

it('G14: the diff marks and counts uncommitted files, changed ones too', async () => {
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
