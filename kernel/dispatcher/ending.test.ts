import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Profile } from '../../contract/index.ts'
import { claude } from '../testing/endings/claude.ts'
import { written } from '../testing/endings/table.ts'
import { setup } from '../testing/setup.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { gatherEnding, hasFinished, profileOf } from './ending.ts'

const CLEAN = { exit_code: 0, signal: null }

/** An open run whose worker has written this log. */
async function ran(log: (string | object)[], fields: Partial<Profile> = {}) {
  const bundle = await setup()
  const { board, call, claim, clock, create, home, kernel, person } = bundle
  await call('profile.add', { name: 'coder', shell: 'true', completion: 'exit-code', ...fields })
  const { run: claimed } = await claim((await create({ assignee: 'coder' })).id)
  const { profile } = await kernel.call('profile.show', { name: 'coder' }, person)
  const log_path = `${home}/1.log`
  writeFileSync(log_path, written(log))
  const run = { ...board.connection.read.get(taskRuns.byId, { id: claimed.id })!, log_path }
  const services = {
    clock: () => clock.now,
    config: { read: () => ({ profiles: new Map([['coder', profile]]) }) },
  } as unknown as Parameters<typeof gatherEnding>[0] & Parameters<typeof profileOf>[0]
  const gather = (end: Parameters<typeof gatherEnding>[4]['end']) =>
    gatherEnding(services, board, run, profile, { end, own_stop: null })
  return { ...bundle, gather, profile, run, services }
}

describe('what is gathered about an end', () => {
  it('is the output and the verdict on an exit', async () => {
    const { gather } = await ran(['one', 'two'])
    expect(await gather(CLEAN)).toMatchObject({ verdict: { kind: 'finished' }, output: { said: 'two' } })
  })

  it.each([null, 'never_started'] as const)('has no verdict on an end that is %s', async (end) => {
    const { gather } = await ran(['one'])
    expect(await gather(end)).toMatchObject({ verdict: null, output: { said: 'one' } })
  })

  it('has no verdict on a run that is over', async () => {
    const { gather, run } = await ran(['one'])
    run.ended_at = 1
    expect((await gather(CLEAN)).verdict).toBeNull()
  })

  it('takes a reset time that the agent states if it is plausible', async () => {
    const limit = (ms: number) => [
      claude.init,
      claude.limit('rejected', { resetsAt: ms / 1000 }),
      claude.result({ is_error: true, result: 'No more' }),
    ]
    const fields = { usage_parser: 'claude-json' as const }
    const now = Date.UTC(2026, 10, 22, 12)
    const soon = await (await ran(limit(now + 60_000), fields)).gather(CLEAN)
    const past = await (await ran(limit(now - 60_000), fields)).gather(CLEAN)
    const far = await (await ran(limit(now + 400 * 86_400_000), fields)).gather(CLEAN)

    expect([soon, past, far].map(({ verdict }) => verdict?.kind)).toEqual(Array(3).fill('rate_limited'))
    expect([soon, past, far].map(({ reset }) => reset.at)).toEqual([now + 60_000, null, null])
  })
})

describe('the profile of a run', () => {
  it('is its current version, else the one that it was started with', async () => {
    const { profile, run, services } = await ran([])
    const startedAs = { ...profile, shell: 'false' }
    expect(profileOf(services, run, startedAs)).toBe(profile)
    expect(profileOf(services, { ...run, profile: 'gone' }, startedAs)).toBe(startedAs)
    expect(profileOf(services, { ...run, profile: 'gone' }, null)).toBeUndefined()
  })
})

it('a worker has finished only if its exit was seen and means done', async () => {
  const { run, services } = await ran(['one'])
  const ends = [CLEAN, { exit_code: 1, signal: null }, null, 'never_started'] as const
  const finished = await Promise.all(ends.map((end) => hasFinished(services, run, null, end)))
  expect(finished).toEqual([true, false, false, false])
})
