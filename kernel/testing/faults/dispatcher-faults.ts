import { writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { noteResult, noteStart } from '../aftermath.ts'
import { startProgram } from '../processes.ts'
import type { WorkerSetup } from '../workers.ts'
import { RUN_STEPS } from '../../dispatcher/steps.ts'
import { createMany, type Fault } from './scale.ts'

const SLOTS = 8

/** Workers that report, workers that only exit, and workers whose first attempt fails in its own way. */
async function mixedTasks(bundle: WorkerSetup, count: number): Promise<string[]> {
  const { home, profile } = bundle
  const [start, result] = [noteStart(bundle), noteResult(bundle)]
  writeFileSync(`${home}/config.json`, JSON.stringify({ settings: { max_running: SLOTS } }))
  await profile('plain', `${start}; ${result}; echo finished`, { completion: 'exit-code' })
  await profile('coder', `${start}; ${result}; runboard complete '{"summary":"finished"}'`)
  const letters = `$(printf %s "$RUNBOARD_TASK" | tr 0-9 g-p)`
  const fails = `[ "$RUNBOARD_ATTEMPT" -gt 1 ] || { echo "no ${letters}" >&2; exit 7; }`
  await profile('shaky', `${start}; ${fails}; ${result}; echo finished`, {
    completion: 'exit-code',
    failure_limit: 9,
  })
  const each = Math.ceil(count / 8)
  return [
    ...(await createMany(bundle, each, { assignee: 'coder', priority: 1 })),
    ...(await createMany(bundle, each, { assignee: 'shaky' })),
    ...(await createMany(bundle, count - 2 * each, { assignee: 'plain' })),
  ]
}

async function expectDone({ call }: WorkerSetup, ids: readonly string[]): Promise<void> {
  const { tasks } = await call('task.list', { limit: ids.length + 1 })
  expect(tasks.map(({ id, status }) => ({ id, status })).filter(({ status }) => status !== 'done')).toEqual(
    [],
  )
  expect(tasks).toHaveLength(ids.length)
}

interface Span {
  claimed_at: number
  gone_at: number
}

const crowd: Fault = {
  async happen(bundle, { tasks }) {
    const ids = await mixedTasks(bundle, tasks)

    await bundle.drain()

    await expectDone(bundle, ids)
    const spans = bundle.inspector.all<Span>(
      `SELECT started_at AS claimed_at, coalesce(max(ended_at, exited_at), ended_at) AS gone_at FROM task_runs`,
    )
    const together = spans.map(
      ({ claimed_at: at }) => spans.filter((other) => other.claimed_at <= at && other.gone_at > at).length,
    )
    expect(Math.max(...together)).toBeLessThanOrEqual(SLOTS)
    expect(Math.max(...together)).toBeGreaterThan(SLOTS / 2)
  },
}

const killedAgainAndAgain: Fault = {
  async happen(bundle, { tasks, kills }) {
    const ids = await mixedTasks(bundle, tasks)
    let died = 0
    for (let n = 0; n < kills; n++) {
      const step = RUN_STEPS[n % RUN_STEPS.length] ?? 'claimed'
      const ended = await startProgram('dispatch.ts', [bundle.home, step, String(1 + (n % 4))]).ended
      expect(ended.output).toBe('')
      if (ended.signal === 'SIGKILL') died++
      bundle.invariants()
    }
    // A dispatcher that should die while it stops or takes back a run may never reach that step, and finishes
    // instead.
    expect(died).toBeGreaterThanOrEqual(Math.min(5, kills - 1))

    await bundle.drain()

    await expectDone(bundle, ids)
    expect(bundle.text('results').trim().split('\n')).toHaveLength(ids.length)
  },
}

export const dispatcherFaults = {
  'many tasks at once, and eight slots': crowd,
  'a dispatcher that is killed again and again': killedAgainAndAgain,
} satisfies Record<string, Fault>
