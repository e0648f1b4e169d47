import { expect, it } from 'vitest'
import { FAN, itemCards, PART } from '../testing/mapping.ts'
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
  expect(run).toMatchObject({ outcome: 'stopped', error: `${id}, whose item it is, was archived` })

  bundle.open('gate')
  await call('task.restore', { id })
  await bundle.drain()
  expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'good' })
})
