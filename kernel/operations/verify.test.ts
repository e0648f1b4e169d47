import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { setup, temporaryFolder } from '../testing/setup.ts'

async function withCheck(verify_command: string) {
  const bundle = await setup()
  const folder = temporaryFolder()
  const { id } = await bundle.create({ verify_command, workspace: `dir:${folder}` })
  return { ...bundle, id, folder }
}

it('a failed check refuses the completion with the end of its output, and the run stays open', async () => {
  const { call, claim, id, kinds, runs, task } = await withCheck('seq 1 50; echo broken >&2; exit 3')
  const { worker } = await claim(id)

  const refused = call('task.complete', { id, summary: 'Done' }, worker)

  await expect(refused).rejects.toMatchObject({ code: 'CONFLICT', data: { exit_code: 3 } })
  const message = await refused.then(
    () => '',
    (error: Error) => error.message,
  )
  expect(message.split('\n').slice(-30)).toEqual([
    ...Array.from({ length: 29 }, (_, n) => String(n + 22)),
    'broken',
  ])
  expect(await task(id)).toMatchObject({ status: 'running', consecutive_failures: 0 })
  expect(await runs(id)).toMatchObject([{ outcome: null, observed: { verify_exit_code: 3 } }])
  expect(await kinds(id)).toEqual(['created', 'claimed'])
})

it('a passed check allows the completion; it ran in the workspace of the run', async () => {
  const { call, claim, id, folder, runs, task } = await withCheck('pwd; touch checked')
  const { worker } = await claim(id)

  await call('task.complete', { id, summary: 'Done' }, worker)

  expect(existsSync(join(folder, 'checked'))).toBe(true)
  expect(await task(id)).toMatchObject({ status: 'done' })
  expect(await runs(id)).toMatchObject([{ observed: { verify_exit_code: 0, verify_output: folder } }])
})

it('a run without a workspace says that nothing was checked', async () => {
  const { call, create, claim, runs, task } = await setup()
  const { id } = await create({ verify_command: 'exit 3' })
  const { worker } = await claim(id)

  await call('task.complete', { id, summary: 'Done elsewhere' }, worker)

  expect(await task(id)).toMatchObject({ status: 'done' })
  expect(await runs(id)).toMatchObject([
    { observed: { verify_output: 'Not run: this run has no workspace.' } },
  ])
})

it('a worker whose run is over checks nothing any more', async () => {
  const { call, claim, id, folder } = await withCheck('touch checked')
  const { worker } = await claim(id)
  await call('task.reclaim', { id })
  await claim(id)

  await expect(call('task.complete', { id, summary: 'Late' }, worker)).rejects.toMatchObject({
    code: 'STALE_RUN',
  })

  expect(existsSync(join(folder, 'checked'))).toBe(false)
})

it('a check that cannot start counts as failed', async () => {
  const { call, claim, id } = await withCheck('no-such-check')
  const { worker } = await claim(id)

  await expect(call('task.complete', { id }, worker)).rejects.toMatchObject({ data: { exit_code: 127 } })
})
