import { describe, expect, it } from 'vitest'
import * as tasks from '../tables/tasks.ts'
import { insertNewTask } from '../lifecycle/create-task.ts'
import { setup } from '../testing/setup.ts'

/** A board whose tasks have known ids. */
async function withTasks(ids: readonly string[]) {
  const bundle = await setup()
  for (const id of ids) {
    bundle.write((tx) => {
      const task = insertNewTask(tx, { title: `Task ${id}` })
      tx.run(
        { ...tasks.setHeld, sql: 'UPDATE tasks SET id = :id WHERE id = :was' } as never,
        { id, was: task.id } as never,
      )
    })
  }
  return bundle
}

describe('B11: the start of an id', () => {
  it('names the task if it is unique on the board', async () => {
    const { call } = await withTasks(['t_1a2b0000', 't_1a2c0000', 't_9f000000'])
    for (const id of ['t_9f0', '9f0', 'T_9F00', '9f000000', 't_9f000000']) {
      expect((await call('task.show', { id })).task.id).toBe('t_9f000000')
    }
    await call('link.add', { parent_id: '1a2b', child_id: '9f0' })
    expect((await call('task.show', { id: '9f0' })).links.parents).toEqual(['t_1a2b0000'])
    const { task } = await call('task.create', { title: 'New', parents: ['1a2c'] })
    expect((await call('task.show', { id: task.id })).links.parents).toEqual(['t_1a2c0000'])
    const bulk = await call('task.bulk', { verb: 'hold', ids: ['1a2b', '1a2', '1a2c'] })
    expect(bulk.results.map((result) => 'error' in result)).toEqual([false, true, false])
    expect(
      await call('task.move', { id: '9f0', status: 'done' }).catch((error: unknown) => error),
    ).toBeDefined()
  })

  it('is refused if several tasks share it, and they are named', async () => {
    const { call } = await withTasks(['t_1a2b0000', 't_1a2c0000'])
    await expect(call('task.show', { id: '1a2' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message:
        '“1a2” matches several ids: t_1a2b0000 “Task t_1a2b0000”, t_1a2c0000 “Task t_1a2c0000”. Type more of the id.',
      data: { id: '1a2', candidates: ['t_1a2b0000', 't_1a2c0000'] },
    })
  })

  it('is refused by its name if no task has it or it is too short', async () => {
    const { call } = await withTasks(['t_1a2b0000'])
    for (const id of ['fff', '1a', 't_', 'a2b0', 'zzz', 't_1a2b00001', '1%']) {
      await expect(call('task.show', { id })).rejects.toMatchObject({ code: 'NOT_FOUND', data: { id } })
    }
  })

  it('gives a worker no more rights than the whole id: the fence checks the task that is meant', async () => {
    const { call, claim, create } = await setup()
    const own = await create()
    const other = await create()
    const { worker } = await claim(own.id)
    await expect(call('task.complete', { id: other.id.slice(2) }, worker)).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
    const done = await call('task.complete', { id: own.id.slice(2, 8), summary: 'Did it' }, worker)
    expect(done.task).toMatchObject({ id: own.id, status: 'done' })
  })
})
