import { writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { noteResult, noteStart } from '../aftermath.ts'
import { until } from '../setup.ts'
import type { WorkerSetup } from '../workers.ts'
import { startKeyOf } from '../../workers/process/identity.ts'
import { createMany, type Fault } from './scale.ts'

/** The profile of the fault, and the slots for as many workers at once. */
async function profile(bundle: WorkerSetup, line: string, slots: number, fields = {}): Promise<void> {
  writeFileSync(`${bundle.home}/config.json`, JSON.stringify({ settings: { max_running: slots } }))
  await bundle.profile('worker', `${noteStart(bundle)}; ${line}`, { completion: 'exit-code', ...fields })
}

/** Ends the processes that the board reported as left over, once a test has checked them. */
async function endLeftovers(pids: readonly number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await until(() => pids.every((pid) => startKeyOf(pid) === null))
}

const killed: Fault = {
  async happen(bundle, { workers }) {
    const { drain, runs, task } = bundle
    const line = `if [ "$RUNBOARD_ATTEMPT" = 1 ]; then kill -KILL $$; fi; ${noteResult(bundle)}; echo finished`
    await profile(bundle, line, workers)
    // Three similar failures would hold the profile, as they should: two fail here.
    const ids = await createMany(bundle, Math.min(2, workers), { assignee: 'worker' })

    await drain()

    for (const id of ids) {
      expect(await runs(id)).toMatchObject([
        { outcome: 'crashed', signal: 'SIGKILL', exit_code: null },
        { outcome: 'completed', summary: 'finished' },
      ])
      expect(await task(id)).toMatchObject({ status: 'done', consecutive_failures: 0 })
    }
  },
}

let awake = 0

const stubborn: Fault = {
  options: () => {
    awake = 0
    return { clock: 'fake', awake: () => awake }
  },
  async happen(bundle, { workers }) {
    const { call, clock, kernel, runs, text, path } = bundle
    const deaf = `trap "" TERM; echo $$ >>${path('pids')}`
    const grandchild = `${deaf}; while :; do sleep 0.1; done`
    const child = `${deaf}; sh -c "$GRANDCHILD" & while :; do sleep 0.1; done`
    clock.now = Date.now()
    await profile(bundle, `${deaf}; sh -c "$CHILD" & while :; do sleep 0.1; done`, workers, {
      env: { CHILD: child, GRANDCHILD: grandchild },
    })
    const ids = await createMany(bundle, workers, {
      assignee: 'worker',
      max_runtime_seconds: 3600,
      max_retries: 1,
    })
    const pids = () => text('pids').trim().split('\n').map(Number)
    const dispatching = kernel.startDispatching()
    await until(() => pids().length === 3 * workers, 'the last grandchild')

    // The time limit is over for all of them at once.
    clock.advance(3_600_000)
    awake += 3_600_000
    await call('dispatcher.dispatch', {})
    for (const id of ids) await until(async () => (await runs(id))[0]?.outcome, `the end of ${id}`)
    await dispatching.stop()

    expect(pids()).toHaveLength(3 * workers)
    expect(pids().filter((pid) => startKeyOf(pid) !== null)).toEqual([])
    for (const id of ids) expect(await runs(id)).toMatchObject([{ outcome: 'timed_out', signal: 'SIGKILL' }])
  },
}

const forks: Fault = {
  async happen(bundle) {
    const { call, create, drain, runs, task, text, path } = bundle
    const line = `(setsid sh -c 'echo $$ >${path('daemon')}; exec sleep 300' &); sleep 300 & echo $! >${path('child')}
      until [ -s '${path('daemon')}' ]; do sleep 0.01; done; ${noteResult(bundle)}; echo finished`
    await profile(bundle, line, 1)
    const { id } = await create({ assignee: 'worker' })

    await drain()

    const left = [Number(text('child')), Number(text('daemon'))]
    const [run] = await runs(id)
    expect(run).toMatchObject({ outcome: 'completed', summary: 'finished', exit_code: 0 })
    expect([...(run!.observed?.leftover_pids ?? [])].sort()).toEqual([...left].sort())
    expect((await call('run.show', { id: run!.id })).run.observed).toEqual(run!.observed)
    expect(await task(id)).toMatchObject({ status: 'done' })
    await endLeftovers(left)
  },
}

const silent: Fault = {
  async happen(bundle) {
    const { call, create, drain, runs, task, kinds } = bundle
    await profile(bundle, 'true', 1, { completion: 'explicit' })
    const { id } = await create({ assignee: 'worker' })

    await drain()

    expect(await runs(id)).toMatchObject([{ outcome: 'crashed', exit_code: 0, summary: null }])
    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: 'unreported' })
    expect((await kinds(id)).at(-1)).toBe('protocol_violation')
    // A person looks, and accepts the work.
    await call('task.complete', { id, summary: 'It was there after all' })
    expect(await task(id)).toMatchObject({ status: 'done' })
  },
}

const alike: Fault = {
  async happen(bundle) {
    const { call, create, drain, events, runs, task } = bundle
    const line = `[ -e '${bundle.path('mended')}' ] || { echo 'token expired' >&2; exit 1; }; ${noteResult(bundle)}`
    await profile(bundle, line, 1, { failure_limit: 5 })
    const ids = await createMany(bundle, 5, { assignee: 'worker' })

    await drain()

    // Three fail; the attempts of the other two are not used up.
    const attempts = await Promise.all(ids.map(async (id) => (await runs(id)).length))
    expect(attempts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(3 + 2)
    const waiting = (await Promise.all(ids.map(task))).filter(({ status }) => status === 'ready')
    expect(waiting).toHaveLength(5)
    expect((await events()).filter(({ kind }) => kind === 'profile_held')).toHaveLength(1)
    expect((await call('task.why', { id: ids[4]! })).why).toMatchObject({ gate: 'profile_held' })

    bundle.open('mended')
    await call('profile.release', { name: 'worker' })
    await drain()
    for (const id of ids) expect(await task(id)).toMatchObject({ status: 'done' })
    expect((await create({ assignee: 'worker' })).status).toBe('ready')
    await drain()
  },
}

export const workerFaults = {
  'a worker that is killed': killed,
  'a worker that ignores SIGTERM, with its children and theirs': stubborn,
  'a worker that forks and exits': forks,
  'a worker that exits with 0 in silence': silent,
  'a worker that fails alike in every task': alike,
} satisfies Record<string, Fault>
