import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeRepository, repositoryAt } from '../testing/repository.ts'
import { until } from '../testing/until.ts'
import { setupWorkers } from '../testing/workers.ts'

const FILE = `runboard: 1
name: asks
title: Asks
workspace: worktree
steps:
  - {key: make, kind: work, profile: maker, prompt: Make it., on: {done: over, blocked: agree}}
  - {key: agree, kind: approve, question: Good?, on: {approved: over}}
  - {key: over, kind: end, state: succeeded}
`

/** A worker at the step `make` that has written a file, committed nothing, and asks. */
async function asking(max_waiting: number) {
  let awake = 0
  const bundle = await setupWorkers({ clock: 'fake', awake: () => awake })
  const { call, clock, create, gate, kernel, path, profile, text } = bundle
  clock.now = Date.now()
  const { folder } = makeRepository(join(bundle.shared, 'project'))
  await call('board.set', { slug: 'test', settings: { project_dir: folder, max_waiting } })
  await profile('maker', `echo made > made.txt; echo up > '${path('up')}'; ${gate('go')}`, {
    completion: 'exit-code',
    max_wait_seconds: 600,
  })
  await call('workflow.add', { file: FILE })
  const { id } = await create({ title: 'Make', workspace: 'worktree' })
  await call('workflow.start', { id, name: 'asks' })
  kernel.startDispatching()
  await until(() => text('up'))
  await call('question.ask', { id, title: 'Which?', timeout_seconds: 0 })
  const pass = async (ms: number) => {
    clock.advance(ms)
    awake += ms
    await call('dispatcher.dispatch', {})
  }
  /** The file of the worker in the work that was kept for its visit. */
  const kept = async () => {
    await until(async () => (await bundle.task(id)).current_step_key === 'agree', 'the next step')
    const [visit] = (await call('task.walk', { id })).walks[0]?.visits ?? []
    expect(visit).toMatchObject({ step: 'make', verdict: 'blocked' })
    return repositoryAt(folder).git('show', `refs/runboard/${id}/${visit?.id ?? 0}:made.txt`)
  }
  return { kept, pass }
}

it('keeps the uncommitted work of a visit that ends because too many runs wait for answers', async () => {
  const { kept } = await asking(0)
  expect(await kept()).toBe('made')
})

it('keeps the uncommitted work of a visit that ends because its question waited for too long', async () => {
  const { kept, pass } = await asking(1)
  await pass(0)
  await pass(600_000)
  expect(await kept()).toBe('made')
})
