import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { until } from '../testing/setup.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'

/** Changes the app's settings as a person would with an editor. */
function changeSettings({ home }: WorkerSetup, settings: Record<string, unknown>): void {
  const path = `${home}/config.json`
  const before = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  writeFileSync(path, JSON.stringify({ ...before, settings }))
}

it('memory that is short keeps tasks waiting, with a reason, until there is enough', async () => {
  const bundle = await setupWorkers()
  const { call, create, kernel, profile, task } = bundle
  const floor = (mb: number) => changeSettings(bundle, { min_free_memory_mb: mb })
  await profile('coder', 'true', { completion: 'exit-code' })
  floor(1e6)
  const { id } = await create({ assignee: 'coder' })

  const { claimed, skipped } = await call('dispatcher.dispatch', {})

  expect(claimed).toEqual([])
  expect(skipped).toMatchObject([{ task_id: id, gate: 'low_memory' }])
  expect(skipped[0]?.sentence).toMatch(
    /^Only \d+ MB of memory are free; below 1000000 MB nothing is started\.$/,
  )
  const dispatching = kernel.startDispatching()
  expect(await task(id)).toMatchObject({ status: 'ready' })
  floor(1)
  await until(async () => (await task(id)).status === 'done')
  await dispatching.stop()
})
