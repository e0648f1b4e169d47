import { expect, it } from 'vitest'
import { worktreeStage } from '../testing/worktree-task.ts'

it('a board can let tasks wait until the work of their parents is merged', async () => {
  const { board, call, create, inReview } = await worktreeStage()
  await call('profile.add', { name: 'coder', command: ['sh', '-c', 'true'] })
  const { id } = await inReview()
  const child = await create({ title: 'Deploy it', parents: [id], assignee: 'coder' })
  const other = await create({ title: 'Something else', assignee: 'coder' })
  await call('task.approve', { id })
  const plan = async () => {
    const { claimed, skipped } = await call('dispatcher.dispatch', { dry_run: true })
    return { claimed: claimed.map(({ task_id }) => task_id), skipped }
  }
  expect((await plan()).claimed).toEqual(expect.arrayContaining([child.id, other.id]))

  await call('board.set', { slug: board.slug, settings: { wait_for_merge: true } })
  const sentence = `Waits until the work of ${id} “Write it” is merged.`
  const { claimed, skipped } = await plan()
  expect(claimed).toEqual([other.id])
  expect(skipped).toEqual([{ task_id: child.id, gate: 'parents_not_merged', sentence }])
  expect((await call('task.why', { id: child.id })).why).toEqual({
    gate: 'parents_not_merged',
    sentence,
    clears_at: null,
    action: `merge ${id}`,
  })
  const [card] = (await call('task.list', { search: 'Deploy' })).tasks
  expect(card?.why).toMatchObject({ gate: 'parents_not_merged' })

  await call('task.merge', { id })
  expect((await plan()).claimed).toEqual(expect.arrayContaining([child.id, other.id]))
})
