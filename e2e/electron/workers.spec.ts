import type { Task } from '../../contract/index.ts'
import type { Home } from '../home.ts'
import { expect, test } from './fixtures.ts'

const titles = ['Left one', 'Left two', 'Left three']

/** Three workers that run until the gate is opened; one of them then fails. */
async function startThree(home: Home): Promise<string[]> {
  await home.addProfile(
    'good',
    `echo begun; ${home.gate('end')}; runboard complete --summary "Lived through it"`,
  )
  await home.addProfile('bad', `echo begun; ${home.gate('end')}; echo broken; exit 4`, '--failure-limit', '1')
  return Promise.all(
    titles.map((title, index) => home.create(title, '--assignee', index === 2 ? 'bad' : 'good')),
  )
}

for (const end of ['killed', 'quit'] as const) {
  test(`an app that is ${end} leaves its workers running, and the next start takes them over`, async ({
    home,
    launch,
  }) => {
    const ids = await startThree(home)
    const first = await launch()
    for (const title of titles) await expect(first.board.cardIn('Running', title)).toBeVisible()
    const pids = async () => (await home.workers()).map((worker) => [worker.task_id, worker.worker_pid])
    const before = await pids()
    expect(before).toHaveLength(3)

    await (end === 'killed' ? first.kill() : first.quit())
    expect(await home.workers()).toMatchObject([{ alive: true }, { alive: true }, { alive: true }])

    const second = await launch()
    for (const title of titles) await expect(second.board.cardIn('Running', title)).toBeVisible()
    expect(await pids()).toEqual(before)

    home.openGate('end')
    await expect(second.board.cardIn('Done', 'Left one')).toBeVisible()
    await expect(second.board.cardIn('Done', 'Left two')).toBeVisible()
    await expect(second.board.cardIn('Blocked', 'Left three')).toBeVisible()
    for (const [index, id] of ids.entries()) {
      expect(await home.runs(id)).toMatchObject([
        index === 2 ? { attempt: 1, outcome: 'crashed', exit_code: 4 } : { attempt: 1, outcome: 'completed' },
      ])
    }
  })
}

test('runs that ended while no app ran are there at the next start', async ({ home, launch }) => {
  const ids = await startThree(home)
  const first = await launch()
  for (const title of titles) await expect(first.board.cardIn('Running', title)).toBeVisible()
  await first.kill()
  home.openGate('end')
  await expect.poll(async () => (await home.workers()).filter(({ alive }) => alive)).toEqual([])

  const second = await launch()
  await expect(second.board.cardIn('Done', 'Left one')).toBeVisible()
  await expect(second.board.cardIn('Blocked', 'Left three')).toBeVisible()
  expect(await home.runs(ids[2]!)).toMatchObject([{ attempt: 1, outcome: 'crashed', exit_code: 4 }])
  await expect.poll(() => second.told()).toEqual(['Gave up: Left three'])
  const inbox = await home.cli.json<Record<'needs_you' | 'finished', { task: Task }[]>>('inbox')
  const titlesOf = (items: { task: Task }[]) => items.map(({ task }) => task.title).sort()
  expect(titlesOf(inbox.needs_you)).toEqual(['Left three'])
  expect(titlesOf(inbox.finished)).toEqual(['Left one', 'Left two'])
})
