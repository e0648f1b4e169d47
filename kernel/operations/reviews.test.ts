import { expect, it } from 'vitest'
import { worktreeStage } from '../testing/worktree-task.ts'

it('compares a second attempt with the reviewed work, uncommitted files included', async () => {
  const { call, claim, enter, inReview, refused, task } = await worktreeStage()
  const { id, commit, git, write } = await inReview((worktree) => {
    worktree.commit('kept.txt', 'kept\n')
    worktree.write('draft.txt', 'draft\n')
    worktree.write('same.txt', 'same\n')
  })
  const status = git('status', '--porcelain')
  await call('task.request_changes', { id, note: 'Again' })
  expect(git('status', '--porcelain')).toBe(status)

  const { worker } = await claim(id)
  await enter(await task(id))
  commit('more.txt', 'more\n')
  git('rm', '-q', '--cached', 'draft.txt', 'same.txt')
  git('commit', '-q', '--amend', '--no-edit')
  write('draft.txt', 'final\n')
  await call('task.request_review', { id, summary: 'Look again' }, worker)

  const all = await call('task.diff', { id })
  expect(all.files.map(({ path }) => path)).toEqual(['kept.txt', 'more.txt', 'draft.txt', 'same.txt'])
  expect(all).toMatchObject({ since: null, reviews: [{ attempt: 1, by: 'ada' }] })
  const since = await call('task.diff', { id, since: 1 })
  expect(since.files.map(({ path, change }) => [path, change])).toEqual([
    ['draft.txt', 'modified'],
    ['more.txt', 'added'],
  ])
  expect(since).toMatchObject({ since: 1, merge_refusal: null, uncommitted: 2, commits_count: 1 })
  expect(since.commits.map(({ subject }) => subject)).toEqual(['Write more.txt'])
  expect((await refused('CONFLICT', 'task.diff', { id, since: 2 })).message).toContain('attempt 2')
})

it('counts no commits when an attempt left the reviewed work as it was, uncommitted files included', async () => {
  const { call, claim, enter, inReview, task } = await worktreeStage()
  const { id } = await inReview(({ commit, write }) => {
    commit('kept.txt', 'kept\n')
    write('draft.txt', 'draft\n')
  })
  await call('task.request_changes', { id, note: 'Again' })
  const { worker } = await claim(id)
  await enter(await task(id))
  await call('task.request_review', { id, summary: 'It is right as it is' }, worker)

  const since = await call('task.diff', { id, since: 1 })
  expect(since).toMatchObject({ files: [], commits: [], commits_count: 0 })
})

it('shows in which attempt a remark was made, and which attempt answered it', async () => {
  const { call, claim, enter, inReview, task } = await worktreeStage()
  const { id, commit } = await inReview()
  const remark = { path: 'work.txt', line: 1, removed: false, quote: 'work', text: 'Say what work' }
  await call('task.request_changes', { id, note: 'Say what work', remarks: [remark] })
  const open = await call('task.remarks', { id })
  expect(open.remarks).toEqual([
    { ...remark, attempt: 1, answered_attempt: null, at: expect.any(Number) as number, by: 'ada' },
  ])

  const { worker } = await claim(id)
  await enter(await task(id))
  commit('work.txt', 'hard work\n')
  await call('task.request_review', { id, summary: 'Said' }, worker)
  expect((await call('task.remarks', { id })).remarks).toMatchObject([{ attempt: 1, answered_attempt: 2 }])
})

it('sends a task without a worktree back too, with nothing to compare', async () => {
  const { call, claim, create, events, refused } = await worktreeStage()
  const { id } = await create('Think')
  const { worker } = await claim(id)
  await call('task.request_review', { id, summary: 'Thought' }, worker)
  await call('task.request_changes', { id, note: 'Think more' })
  expect((await events(id)).at(-1)?.payload).toMatchObject({ note: 'Think more', attempt: 1, commit: null })
  await refused('CONFLICT', 'task.request_changes', { id, note: 'Again' })
})
