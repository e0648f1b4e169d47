import { expect, it } from 'vitest'
import { worktreeStage } from '../testing/worktree-task.ts'

it('compares open branches with their target and with each other, and again when one changes', async () => {
  const { call, inReview, repository } = await worktreeStage()
  const one = await inReview(({ commit }) => commit('notes.txt', 'by one\n'))
  const two = await inReview(({ commit }) => commit('notes.txt', 'by two\n'))
  const three = await inReview(({ commit }) => commit('other.txt', 'apart\n'))
  const seen = async () => (await call('board.conflicts', {})).conflicts
  const files = { files: ['notes.txt'], files_count: 1 }

  const before = await seen()
  expect(before).toHaveLength(2)
  expect(before).toEqual(
    expect.arrayContaining([
      { task_id: one.id, other_id: two.id, branch: two.branch, ...files },
      { task_id: two.id, other_id: one.id, branch: one.branch, ...files },
    ]),
  )

  await call('task.approve', { id: one.id, merge: true })
  expect(await seen()).toEqual([{ task_id: two.id, other_id: null, branch: 'main', ...files }])

  two.git('merge', '-q', '-X', 'ours', 'main')
  expect(await seen()).toEqual([])
  expect(repository.git('status', '--porcelain')).toBe('')
  expect(await call('board.conflicts', {})).toMatchObject({ problem: null, branches: 2, omitted: 0 })
  expect(three.git('status', '--porcelain')).toBe('')
})

it('a board without a project has nothing to compare', async () => {
  const { board, call, inReview } = await worktreeStage()
  await inReview()
  await call('board.set', { slug: board.slug, settings: { project_dir: null } })
  expect(await call('board.conflicts', {})).toEqual({ problem: null, conflicts: [], branches: 0, omitted: 0 })
})
