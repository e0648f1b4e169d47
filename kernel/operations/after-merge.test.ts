import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { worktreeStage } from '../testing/worktree-task.ts'

describe('squash', () => {
  it('brings the work in as one commit with one parent, and counts as merged', async () => {
    const { call, inReview, repository } = await worktreeStage()
    const { id } = await inReview(({ commit }) => {
      commit('one.txt', '1\n')
      commit('two.txt', '2\n')
    })
    const before = repository.git('rev-parse', 'main')
    const { task } = await call('task.approve', { id, merge: true, method: 'squash', message: 'Both' })

    expect(task).toMatchObject({ status: 'done', merge_state: 'merged', merged_into: 'main' })
    expect(repository.git('log', '-1', '--format=%s %P', 'main')).toBe(`Both ${before}`)
    expect(repository.read('two.txt')).toBe('2\n')
    const diff = await call('task.diff', { id })
    expect(diff.merge_state).toBe('merged')
    expect(diff.files.map(({ path }) => path)).toEqual(['one.txt', 'two.txt'])
  })

  it('can be the default of a board, and a call can still ask for a merge commit', async () => {
    const { call, board, inReview, repository } = await worktreeStage()
    await call('board.set', { slug: board.slug, settings: { merge_method: 'squash' } })
    const first = await inReview(({ commit }) => commit('one.txt', '1\n'))
    const second = await inReview(({ commit }) => commit('two.txt', '2\n'))
    const parents = () => repository.git('log', '-1', '--format=%P', 'main').split(' ').length
    await call('task.merge', { id: first.id })
    expect(parents()).toBe(1)
    await call('task.merge', { id: second.id, method: 'merge' })
    expect(parents()).toBe(2)
  })
})

describe('reverting a merge', () => {
  it.each(['merge', 'squash'] as const)(
    'takes a %s out, keeps later work, and can be merged again',
    async (method) => {
      const { call, events, inReview, repository } = await worktreeStage()
      const { id } = await inReview(({ commit }) => {
        commit('work.txt', 'work\n')
        commit('notes.txt', 'one\ntwo\nthree\nfour\nfive\nsix\n')
      })
      await call('task.approve', { id, merge: true, method })
      const merge = repository.git('rev-parse', 'main')
      repository.commit('later.txt', 'later\n')

      const { task, commit, into } = await call('task.revert_merge', { id })

      expect(into).toBe('main')
      expect(commit).toBe(repository.git('rev-parse', 'main'))
      expect(repository.git('log', '-1', '--format=%B', 'main')).toContain(
        `This reverts ${merge.slice(0, 9)}.`,
      )
      expect(existsSync(join(repository.folder, 'work.txt'))).toBe(false)
      expect(repository.read('notes.txt')).toBe('one\ntwo\nthree\nfour\nfive\n')
      expect(repository.read('later.txt')).toBe('later\n')
      expect(repository.git('status', '--porcelain')).toBe('')
      expect(task).toMatchObject({ status: 'done', merge_state: 'not_merged' })
      expect((await events(id)).at(-1)).toMatchObject({
        kind: 'merge_reverted',
        payload: { into: 'main', commit, reverted: merge },
      })

      // git still finds the commits in the branch, but their changes are not.
      expect((await call('task.list', { merged: false })).tasks.map((card) => card.id)).toEqual([id])
      const diff = await call('task.diff', { id })
      expect(diff).toMatchObject({ merge_state: 'not_merged', merge_refusal: null })
      expect(diff.files.map(({ path }) => path)).toEqual(['notes.txt', 'work.txt'])
      const again = await call('task.merge', { id })
      expect(again.task.merge_state).toBe('merged')
      expect(repository.read('work.txt')).toBe('work\n')
      expect(repository.read('later.txt')).toBe('later\n')
    },
  )

  it('never touches a checkout with changes, or files that git does not track', async () => {
    const { call, inReview, refused, repository, task } = await worktreeStage()
    const { id } = await inReview(({ git, folder }) => {
      git('rm', '-q', 'notes.txt')
      git('commit', '-q', '-m', 'Remove the notes')
      expect(existsSync(join(folder, 'notes.txt'))).toBe(false)
    })
    await call('task.approve', { id, merge: true })
    const main = repository.git('rev-parse', 'main')
    const before = await task(id)

    repository.write('notes.txt', 'mine, not tracked\n')
    expect((await refused('CONFLICT', 'task.revert_merge', { id })).message).toContain('notes.txt')
    repository.git('add', 'notes.txt')
    const error = await refused('CONFLICT', 'task.revert_merge', { id })
    expect(error.message).toMatch(/^main is checked out in .+ with one changed file/)

    expect(readFileSync(join(repository.folder, 'notes.txt'), 'utf8')).toBe('mine, not tracked\n')
    expect(repository.git('rev-parse', 'main')).toBe(main)
    expect(await task(id)).toEqual(before)
  })

  it('is refused when the same lines have changed since, and for work that is not merged', async () => {
    const { call, inReview, refused, repository, task } = await worktreeStage()
    const { id } = await inReview(({ commit }) => commit('notes.txt', 'theirs\n'))
    await refused('CONFLICT', 'task.revert_merge', { id })
    await call('task.approve', { id, merge: true })
    repository.commit('notes.txt', 'changed since\n')
    const main = repository.git('rev-parse', 'main')
    const error = await refused('CONFLICT', 'task.revert_merge', { id })
    expect(error.message).toMatch(
      /^The merge cannot be reverted automatically: notes\.txt has changed in main since/,
    )
    expect(repository.git('rev-parse', 'main')).toBe(main)
    expect(await task(id)).toMatchObject({ merge_state: 'merged' })
  })

  it('of a merge by hand works for one commit or a fast-forward, and is refused for a series', async () => {
    const { call, inReview, refused, repository } = await worktreeStage()
    const two =
      (name: string) =>
      ({ commit }: { commit: (file: string, text: string) => void }) => {
        commit(`${name}1.txt`, '1\n')
        commit(`${name}2.txt`, '2\n')
      }
    const forward = await inReview(two('a'))
    repository.git('merge', '-q', '--ff-only', forward.branch)
    await call('task.approve', { id: forward.id })
    await call('task.diff', { id: forward.id })
    await call('task.revert_merge', { id: forward.id })
    expect(existsSync(join(repository.folder, 'a1.txt'))).toBe(false)

    const squashed = await inReview(two('b'))
    repository.commit('between.txt', 'x\n')
    repository.git('merge', '-q', '--squash', squashed.branch)
    repository.git('commit', '-q', '-m', 'By hand')
    await call('task.approve', { id: squashed.id })
    await call('task.revert_merge', { id: squashed.id })
    expect(existsSync(join(repository.folder, 'b1.txt'))).toBe(false)

    const picked = await inReview(two('c'))
    repository.commit('between.txt', 'y\n')
    repository.git('cherry-pick', `main..${picked.branch}`)
    await call('task.approve', { id: picked.id })
    const error = await refused('CONFLICT', 'task.revert_merge', { id: picked.id })
    expect(error.message).toContain('Revert it by hand')
    expect(existsSync(join(repository.folder, 'c1.txt'))).toBe(true)
  })
})

describe('removing the worktree and the branch', () => {
  it.each(['merge', 'squash'] as const)(
    'after a %s keeps the folder in the trash, and the diff',
    async (method) => {
      const { call, inReview, repository } = await worktreeStage()
      const { id, branch, root } = await inReview()
      await call('task.approve', { id, merge: true, method })
      const before = await call('task.diff', { id })

      const removed = await call('task.clean_up', { id })

      expect(removed).toMatchObject({ branch, task: { status: 'done', merge_state: 'merged' } })
      expect(existsSync(root)).toBe(false)
      expect(readFileSync(join(removed.moved_to ?? '', 'work.txt'), 'utf8')).toBe('work\n')
      expect(repository.git('branch', '--list', 'runboard/*')).toBe('')
      expect(repository.git('worktree', 'list').split('\n')).toHaveLength(1)
      const { files, merged } = await call('task.diff', { id })
      expect({ files, merged }).toEqual({ files: before.files, merged: before.merged })
      await call('task.revert_merge', { id })
      expect(existsSync(join(repository.folder, 'work.txt'))).toBe(false)
    },
  )

  it('is refused while anything in it is not merged', async () => {
    const { call, inReview, refused, repository } = await worktreeStage()
    const { id, branch, commit, git, root, write } = await inReview()
    expect((await refused('CONFLICT', 'task.clean_up', { id })).message).toContain('is not merged')
    await call('task.approve', { id, merge: true })
    write('left.txt', 'left\n')
    expect((await refused('CONFLICT', 'task.clean_up', { id })).message).toContain('not committed')
    commit('left.txt', 'left\n')
    expect((await refused('CONFLICT', 'task.clean_up', { id })).message).toContain('were not merged')
    git('reset', '-q', '--hard', 'HEAD^')
    git('checkout', '-q', '--detach')
    repository.git('worktree', 'lock', root)
    expect((await refused('CONFLICT', 'task.clean_up', { id })).message).toContain('locked')
    expect(existsSync(root)).toBe(true)
    expect(repository.git('branch', '--list', branch)).toContain(branch)
  })
})
