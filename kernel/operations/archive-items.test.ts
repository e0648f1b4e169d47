import { expect, it } from 'vitest'
import { archiveTask, restoreTask } from '../lifecycle/archive.ts'
import { getTask } from '../lifecycle/moved.ts'
import { finishStop, requestStop, stoppingItems } from '../lifecycle/stop.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { addMaps, FAN, itemCards, PART } from '../testing/mapping.ts'
import { setup } from '../testing/setup.ts'
import { until } from '../testing/until.ts'
import { setupWorkers } from '../testing/workers.ts'

it('archiving a card at a map stops its items, which run again when it is restored', async () => {
  const bundle = await setupWorkers()
  const { call, create, path, task } = bundle
  const line = `echo x > '${path('began')}'; ${bundle.gate('gate')}; echo good > "$RUNBOARD_VERDICT_FILE"`
  await bundle.profile('builder', line, { completion: 'exit-code' })
  for (const file of [PART, FAN]) await call('workflow.add', { file })
  const { id } = await create('Carrier')
  await call('workflow.start', { id, name: 'fan', inputs: { parts: ['a'] }, roles: { builder: 'builder' } })
  await call('dispatcher.dispatch', {})
  const item = (await itemCards(bundle, id)).get('a') ?? ''
  await until(() => bundle.text('began') !== '')

  await call('task.archive', { id })
  expect(await task(item)).toMatchObject({
    status: 'ready',
    held: true,
    held_reason: `waits with ${id}, whose item it is`,
  })
  const [run] = await bundle.runs(item)
  expect(run).toMatchObject({ outcome: 'reclaimed', error: `${id}, whose item it is, was archived` })

  bundle.open('gate')
  await call('task.restore', { id })
  await bundle.drain()
  expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'good' })
})

it('an item runs again when its carrier is restored before its worker is gone; an end that a person asked for stays', async () => {
  const bundle = await setup()
  const { call, claim, create, task, write } = bundle
  await addMaps(bundle)
  const { id } = await create('Carrier')
  const inputs = { parts: ['a', 'b'] }
  await call('workflow.start', { id, name: 'fan', inputs, roles: { builder: 'builder' } })
  const cards = await itemCards(bundle, id)
  const [a, b] = [cards.get('a') ?? '', cards.get('b') ?? '']
  for (const item of [a, b]) await claim(item, 'builder')
  const stopping = write((tx) => {
    requestStop(tx, getTask(tx, b), { outcome: 'stopped', status: 'ready', reason: 'mine' })
    archiveTask(tx, getTask(tx, id))
    return stoppingItems(tx, id)
  })
  expect(stopping.map(({ task_id }) => task_id)).toEqual([a])
  write((tx) => restoreTask(tx, getTask(tx, id)))
  for (const item of [a, b])
    write((tx) => {
      const row = getTask(tx, item)
      const run = tx.get(taskRuns.byId, { id: row.current_run_id ?? 0 })
      return finishStop(tx, row, run ?? expect.fail('it has no run'), null)
    })
  expect(await task(a)).toMatchObject({ status: 'ready', held: false })
  expect(await task(b)).toMatchObject({ status: 'ready', held: true })
  expect(await bundle.runs(b)).toMatchObject([{ outcome: 'stopped', error: 'mine' }])
})
