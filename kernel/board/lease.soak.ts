import { expect, it } from 'vitest'
import { expectAftermath, noteResult, noteStart } from '../testing/aftermath.ts'
import { startProgram } from '../testing/processes.ts'
import { until } from '../testing/setup.ts'
import { setupWorkers } from '../testing/workers.ts'

it('replaces a dispatcher that hangs, which does no harm when it resumes', async () => {
  const bundle = await setupWorkers()
  const { call, create, drain, gate, open, path, profile, refused, runs, text } = bundle
  const fields = { completion: 'exit-code' } as const
  const line = `${noteStart(bundle)}; echo up >>'${path('up')}'; ${gate('go')}; ${noteResult(bundle)}; echo finished`
  await profile('plain', line, fields)
  const running = await create({ assignee: 'plain' })
  const { child, ended } = startProgram('dispatch.ts', [bundle.home])
  await until(() => text('up'))
  child.kill('SIGSTOP')
  const waiting = await create({ assignee: 'plain' })

  const error = await refused('CONFLICT', 'dispatcher.dispatch', {})
  expect(error.data).toMatchObject({ pid: child.pid })
  const whoDispatches = async () => (await call('dispatcher.show', {})).dispatcher.who
  await expect.poll(whoDispatches, { timeout: 60_000, interval: 500 }).toBe('none')
  open('go')
  await drain()
  child.kill('SIGCONT')

  expect(await ended).toMatchObject({ code: 0, output: '' })
  for (const { id } of [running, waiting]) {
    expect(await runs(id)).toMatchObject([{ attempt: 1, outcome: 'completed', summary: 'finished' }])
  }
  await expectAftermath(bundle)
})
