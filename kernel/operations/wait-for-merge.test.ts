import { expect, it } from 'vitest'
import { addMaps, itemCards } from '../testing/mapping.ts'
import { worktreeStage } from '../testing/worktree-task.ts'

it('can make tasks wait until the work of their parents is merged', async () => {
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

it('an item that waits for a merge takes no turn from one that could run', async () => {
  const stage = await worktreeStage()
  const { board, call, claim, create, inReview } = stage
  await addMaps(stage)
  const { id } = await inReview()
  await call('task.approve', { id })
  await call('board.set', { slug: board.slug, settings: { wait_for_merge: true } })
  const carrier = (await create({ title: 'Parts', workspace: 'scratch' })).id
  await call('workflow.start', { id: carrier, name: 'mapped' })
  const { worker } = await claim(carrier, 'planner')
  const parts = ['a', 'b', 'c'].map((key) => ({ key, what: key }))
  await call('task.complete', { id: carrier, metadata: { parts } }, worker)
  const items = await itemCards(stage, carrier)
  for (const key of ['a', 'b']) await call('link.add', { parent_id: id, child_id: items.get(key) ?? '' })
  // The two that wait come first.
  await call('task.edit', { id: items.get('c') ?? '', priority: -1 })
  const { claimed } = await call('dispatcher.dispatch', { dry_run: true })
  expect(claimed.map(({ task_id }) => task_id)).toEqual([items.get('c')])
})
