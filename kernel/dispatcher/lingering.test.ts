import { expect, it } from 'vitest'
import { openKernel } from '../index.ts'
import { cleanUp, until } from '../testing/setup.ts'
import { setupWorkers } from '../testing/workers.ts'

it('B8: a worker that lives on after its report is given as the reason why its task waits, in every process', async () => {
  const { call, create, gate, home, kernel, open, person, profile, runs, task } = await setupWorkers()
  await profile('asker', `runboard block '{"reason":"Which one?"}'; ${gate('gone')}`)
  const { id } = await create({ assignee: 'asker' })
  const dispatching = kernel.startDispatching()
  await until(async () => (await task(id)).status === 'blocked', 'its question')
  const other = openKernel({ home })
  cleanUp(() => other.close())

  await call('task.unblock', { id, answer: 'The first' })

  for (const from of [kernel, other]) {
    const { why } = await from.call('task.why', { id }, person)
    expect(why).toMatchObject({
      gate: 'workspace_busy',
      sentence: expect.stringContaining('last worker') as string,
    })
    const { workers } = await from.call('worker.list', {}, person)
    expect(workers).toMatchObject([{ task_id: id, alive: true, ended_at: expect.any(Number) as number }])
    const dry = await from.call('dispatcher.dispatch', { dry_run: true }, person)
    expect(dry).toMatchObject({ claimed: [], skipped: [{ task_id: id, gate: 'workspace_busy' }] })
    const { columns } = await from.call('board.view', {}, person)
    const card = columns.flatMap(({ cards }) => cards).find((one) => one.id === id)
    expect(card?.why).toMatchObject({ gate: 'workspace_busy' })
    await expect(from.call('task.claim', { id }, person)).rejects.toMatchObject({ code: 'CONFLICT' })
  }
  expect(await runs(id)).toHaveLength(1)

  open('gone')
  await until(async () => (await runs(id)).length === 2, 'the next attempt')
  await until(async () => (await task(id)).status === 'blocked', 'its second question')
  await dispatching.stop()
})
