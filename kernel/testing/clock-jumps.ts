import { setupWorkers } from './workers.ts'
import { until } from './until.ts'

export const YEAR = 365 * 86_400_000
const NIGHT = 8 * 3_600_000

/** What can happen to the wall clock, in milliseconds, while the awake clock stands still. */
export const JUMPS: [string, number][] = [
  ['a year ahead', YEAR],
  ['a year back', -YEAR],
  ['a night of sleep', NIGHT],
]

/** A running worker, watched by a dispatcher on two clocks that the test moves. */
export async function watchedWorker() {
  let awake = 0
  const bundle = await setupWorkers({ clock: 'fake', awake: () => awake })
  const { clock, create, gate, kernel, path, person, profile, text } = bundle
  clock.now = Date.now()
  await kernel.call('board.set', { slug: 'test', settings: { stale_after_seconds: 1800 } }, person)
  await profile('coder', `echo up >'${path('up')}'; ${gate('go')}`, {
    completion: 'exit-code',
    max_runtime_seconds: 3600,
  })
  const { id } = await create({ assignee: 'coder', max_retries: 1 })
  const dispatching = kernel.startDispatching()
  await until(() => text('up'))
  await bundle.call('dispatcher.dispatch', {})
  const pass = (ms: number) => {
    clock.advance(ms)
    awake += ms
  }
  return { ...bundle, id, dispatching, pass }
}
