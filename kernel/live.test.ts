import { expect, it } from 'vitest'
import { writeEvent } from './lifecycle/write-event.ts'
import { startProgram } from './testing/processes.ts'
import { setup } from './testing/setup.ts'

it('a stream that is left in the middle keeps nothing running', async () => {
  const { create, home } = await setup()
  await create('One to tell of')

  expect(await startProgram('watch-and-leave.ts', [home]).ended).toEqual({
    code: 0,
    signal: null,
    output: '',
  })
})

it('X15: a stream of very many events gives others their turn between', async () => {
  const { create, inspector, kernel, person, board } = await setup()
  const { id } = await create('One to tell of')
  const count = 20_000
  await board.connection.write('test', (tx) => {
    for (let n = 0; n < count; n++) writeEvent(tx, 'commented', id, null, { n })
  })
  expect(inspector.all('SELECT id FROM task_events').length).toBeGreaterThan(count)
  const ending = new AbortController()
  let turns = 0
  const turn = setInterval(() => turns++, 0)
  let seen = 0
  for await (const _event of kernel.stream('event.watch', { since: 0 }, person, ending.signal)) {
    if (++seen === count) break
  }
  clearInterval(turn)
  ending.abort()
  expect(turns).toBeGreaterThan(10)
})
