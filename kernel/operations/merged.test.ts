import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { worktreeStage } from '../testing/worktree-task.ts'

describe('G12: approving work in a worktree', () => {
  it('without a merge records on the task, its card and in lists that the work is not merged', async () => {
    const { call, create, inReview, repository, task } = await worktreeStage()
    const { id } = await inReview()
    const child = await create({ title: 'Deploy it', parents: [id] })
    const scratch = await create('No worktree')
    await call('task.complete', { id: scratch.id })

    const approved = await call('task.approve', { id })

    expect(approved.task).toMatchObject({ status: 'done', merge_state: 'not_merged', merged_commit: null })
    expect(repository.git('log', '--format=%s', 'main')).toBe('Write notes.txt')
    expect((await call('task.list', { merged: false })).tasks.map((card) => card.id)).toEqual([id])
    expect((await call('task.list', { merged: true })).tasks).toEqual([])
    const [card] = (await call('task.list', { status: ['ready'] })).tasks
    expect(card).toMatchObject({ id: child.id, unmerged_parents: [id] })
    expect((await call('task.context', { id: child.id })).context).toContain(
      `### ${id}: Write it (done; its work is not merged, it is on the branch runboard/${id})`,
    )
    expect(await task(scratch.id)).toMatchObject({ merge_state: null })
  })

  it('with merge checks, merges and approves in one call, and records who merged what', async () => {
    const { call, clock, events, inReview, repository } = await worktreeStage()
    const { id, git } = await inReview(undefined, { verify_command: 'test -f work.txt' })
    const base = repository.git('rev-parse', 'main')

    const { task } = await call('task.approve', { id, merge: true, note: 'Good', message: 'Take it' })

    const commit = repository.git('rev-parse', 'main')
    const facts = { into: 'main', commit, base, head: git('rev-parse', 'HEAD'), at: clock.now, by: 'ada' }
    expect(task).toMatchObject({
      status: 'done',
      merge_state: 'merged',
      merged_into: 'main',
      merged_commit: commit,
      merged_base: facts.base,
      merged_head: facts.head,
      merged_at: facts.at,
      merged_by: 'ada',
    })
    expect(repository.git('log', '-1', '--format=%s', 'main')).toBe('Take it')
    expect((await events(id)).slice(-2).map(({ kind, payload }) => [kind, payload])).toEqual([
      ['merged', { ...facts, source: 'merge' }],
      ['approved', { note: 'Good' }],
    ])
    expect((await call('task.list', { merged: true })).tasks.map((card) => card.id)).toEqual([id])
  })

  it('stays in review, unchanged, when the merge is refused', async () => {
    const { call, inReview, refused, repository, task } = await worktreeStage()
    const { id } = await inReview(({ commit }) => commit('notes.txt', 'theirs\n'))
    repository.commit('notes.txt', 'ours\n')
    const before = await task(id)
    const error = await refused('CONFLICT', 'task.approve', { id, merge: true })
    expect(error.message).toContain('notes.txt')
    expect(await task(id)).toEqual(before)
    const scratch = await call('task.create', { title: 'Scratch' })
    await refused('CONFLICT', 'task.approve', { id: scratch.task.id, merge: true })
  })

  it('stays in review when its check fails, and reruns the check only if the work changed', async () => {
    const { call, home, inReview, repository, runs, task } = await worktreeStage()
    const ran = join(home, 'ran')
    const { id, commit } = await inReview(undefined, {
      verify_command: `echo run >> ${ran}; test -f passes.txt`,
    })
    const main = repository.git('rev-parse', 'main')
    await expect(call('task.approve', { id, merge: true })).rejects.toThrow(
      /is not merged: its check .* ended with 1/s,
    )
    expect((await task(id)).status).toBe('review')
    expect((await runs(id)).at(-1)?.observed).toMatchObject({ verify_exit_code: 1 })
    expect(repository.git('rev-parse', 'main')).toBe(main)

    commit('passes.txt', '')
    repository.write('notes.txt', 'in the way of the merge\n')
    await expect(call('task.approve', { id, merge: true })).rejects.toThrow(/with one changed file/)
    repository.git('checkout', '-q', '.')
    await call('task.approve', { id, merge: true })
    expect(readFileSync(ran, 'utf8')).toBe('run\nrun\n')
  })

  it('is undone by reopen; the merge state is determined again after the next attempt', async () => {
    const { call, claim, enter, inReview, task } = await worktreeStage()
    const { id, commit, git } = await inReview()
    await call('task.approve', { id, merge: true })
    const merged = await task(id)
    await call('task.reopen', { id })
    const { worker } = await claim(id)
    await enter(merged)
    commit('more.txt', 'more\n')
    await call('task.complete', { id, summary: 'More' }, worker)

    expect(await task(id)).toMatchObject({ merge_state: 'not_merged', merged_commit: merged.merged_commit })
    const diff = await call('task.diff', { id })
    expect(diff).toMatchObject({ head: git('rev-parse', 'HEAD'), merge_refusal: null, files_count: 1 })
    expect(diff.merged).toMatchObject({ commit: merged.merged_commit })
  })
})

describe('G12: work that a person merges by hand', () => {
  const ways = {
    'a merge commit': (git: Git, branch: string) => git('merge', '-q', '--no-ff', '-m', 'By hand', branch),
    'a fast-forward': (git: Git, branch: string) => git('merge', '-q', '--ff-only', branch),
    'a squash': (git: Git, branch: string) => {
      git('merge', '-q', '--squash', branch)
      git('commit', '-q', '-m', 'By hand')
    },
    'cherry-picks': (git: Git, branch: string) => git('cherry-pick', `main..${branch}`),
  }
  type Git = (...args: string[]) => string

  it.each(Object.entries(ways))('is recognised after %s', async (_name, merge) => {
    const { call, events, inReview, repository, task } = await worktreeStage()
    const { id, branch } = await inReview(({ commit }) => {
      commit('one.txt', '1\n')
      commit('two.txt', '2\n')
    })
    await call('task.approve', { id })
    expect((await call('task.list', { merged: false })).tasks).toHaveLength(1)
    if (_name !== 'a fast-forward') repository.commit('other.txt', 'meanwhile\n')
    merge(repository.git, branch)
    const commit = repository.git('rev-parse', 'main')
    repository.commit('later.txt', 'later\n')

    expect((await call('task.list', { merged: false })).tasks).toEqual([])
    expect(await task(id)).toMatchObject({
      merge_state: 'merged',
      merged_into: 'main',
      merged_commit: commit,
      merged_by: 'Test',
    })
    expect((await events(id)).at(-1)).toMatchObject({ kind: 'merged', payload: { source: 'found', commit } })
    const diff = await call('task.diff', { id })
    expect(diff.files.map(({ path }) => path)).toEqual(['one.txt', 'two.txt'])
  })

  it('is approved by merge, without a second merge', async () => {
    const { call, inReview, repository } = await worktreeStage()
    const { id, branch } = await inReview()
    repository.git('merge', '-q', '--no-ff', '-m', 'By hand', branch)
    const main = repository.git('rev-parse', 'main')
    expect(await call('task.merge', { id })).toMatchObject({ task: { status: 'done' }, commit: main })
    expect(repository.git('rev-parse', 'main')).toBe(main)
  })

  it('can be marked by the person if git cannot tell, and unmarked again', async () => {
    const { call, inReview, refused, repository, task } = await worktreeStage()
    const { id } = await inReview()
    await call('task.approve', { id })
    repository.commit('work.txt', 'rewritten\n')
    const commit = repository.git('rev-parse', 'main')
    await refused('CONFLICT', 'task.mark_merged', { id, commit: 'nosuch' })

    await call('task.mark_merged', { id, commit: 'main' })
    expect(await task(id)).toMatchObject({
      merge_state: 'merged',
      merged_commit: commit,
      merged_into: 'main',
    })
    expect((await call('task.list', { merged: false })).tasks).toEqual([])
    await call('task.diff', { id })
    expect(await task(id)).toMatchObject({ merge_state: 'merged' })

    await call('task.mark_merged', { id, merged: false })
    expect(await task(id)).toMatchObject({ merge_state: 'not_merged', merged_commit: null })
  })

  it('without commits of its own has nothing to merge', async () => {
    const { call, inReview, refused, repository } = await worktreeStage()
    const { id } = await inReview(() => undefined)
    repository.commit('other.txt', 'meanwhile\n')
    await refused('CONFLICT', 'task.approve', { id, merge: true })
    expect((await call('task.approve', { id })).task).toMatchObject({ merge_state: 'nothing' })
  })
})

describe('G13: the diff of merged work', () => {
  it('shows what was merged, even after the worktree, the branch and the checkout have moved on', async () => {
    const { call, inReview, repository } = await worktreeStage()
    const { id, branch, folder } = await inReview(({ commit, write }) => {
      commit('one.txt', '1\n')
      write('two.txt', '2\n')
    })
    await call('task.approve', { id, merge: true })
    const commit = repository.git('rev-parse', 'main')
    const before = await call('task.diff', { id })
    expect(before).toMatchObject({
      merge_state: 'merged',
      merged: { into: 'main', commit, by: 'ada' },
      merge_refusal: `Merged as ${commit.slice(0, 9)} into main.`,
      commits_count: 2,
      uncommitted: 0,
    })
    expect(before.files.map(({ path }) => path)).toEqual(['one.txt', 'two.txt'])

    repository.git('worktree', 'remove', '--force', folder)
    repository.git('branch', '-D', branch)
    repository.commit('one.txt', 'changed since\n')
    const after = await call('task.diff', { id })
    expect(after).toEqual({ ...before, worktree: null })
  })

  it('says so when git has pruned the commits', async () => {
    const { call, inReview, refused, repository } = await worktreeStage()
    const { id, branch, folder } = await inReview()
    await call('task.approve', { id, merge: true })
    repository.git('worktree', 'remove', '--force', folder)
    repository.git('branch', '-D', branch)
    repository.git('reset', '-q', '--hard', 'main^')
    repository.git('reflog', 'expire', '--expire=now', '--all')
    repository.git('gc', '-q', '--prune=now')
    const error = await refused('CONFLICT', 'task.diff', { id })
    expect(error.message).toMatch(
      /^Merged as \w{9} into main\. The repository does not have its commits any more/,
    )

    rmSync(repository.folder, { recursive: true })
    writeFileSync(repository.folder, '')
    await refused('CONFLICT', 'task.diff', { id })
  })

  it('a second merge is refused and names the first', async () => {
    const { call, inReview, refused, repository } = await worktreeStage()
    const { id } = await inReview()
    await call('task.approve', { id, merge: true })
    const commit = repository.git('rev-parse', 'main')
    const error = await refused('CONFLICT', 'task.merge', { id })
    expect(error.message).toBe(`Merged as ${commit.slice(0, 9)} into main.`)
  })
})
