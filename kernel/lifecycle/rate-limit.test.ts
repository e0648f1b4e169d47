import { describe, expect, it } from 'vitest'
import { failOpenRun, openRun, PLAIN_POLICY } from '../testing/factories.ts'
import { type Setup, setup } from '../testing/setup.ts'
import type { FailurePolicy } from './fail.ts'
import { endRateLimited } from './rate-limit.ts'

function limitOpenRun(
  bundle: Setup,
  id: string,
  resets_at: number | null = null,
  policy: FailurePolicy = PLAIN_POLICY,
) {
  return bundle.write((tx) => {
    const { task, run } = openRun(tx, id)
    const exit = { exit_code: 75, signal: null }
    return endRateLimited(tx, task, run, { resets_at, error: 'It exited with 75.\nHTTP 429', exit }, policy)
  })
}

/** One failed attempt of a task. */
async function fail(bundle: Setup, id: string) {
  await bundle.claim(id)
  return failOpenRun(bundle, id)
}

describe('a rate limit', () => {
  it('gives the reason for the held profile in one sentence, with one full stop', async () => {
    const bundle = await setup()
    const { call, claim, create, task, write } = bundle
    await call('profile.add', { name: 'coder', shell: 'true' })
    const { id } = await create({ assignee: 'coder' })
    const waiting = await create({ assignee: 'coder' })
    await claim(id)
    write((tx) => {
      const { task: row, run } = openRun(tx, id)
      const exit = { exit_code: 75, signal: null }
      const limit = { resets_at: null, error: 'It exited with 75.\nslow down', exit }
      return endRateLimited(tx, row, run, limit, PLAIN_POLICY)
    })
    expect((await task(waiting.id)).status).toBe('ready')
    const { why } = await call('task.why', { id: waiting.id })
    expect(why?.sentence).toBe('Profile coder is rate-limited: It exited with 75: slow down.')
  })

  it('parks task and profile for five minutes if the reset time is unknown, and is not a failure', async () => {
    const bundle = await setup()
    const { call, claim, clock, create, events, runs, task } = bundle
    await call('profile.add', { name: 'coder', shell: 'true' })
    const { id } = await create({ assignee: 'coder' })
    const other = await create({ assignee: 'coder' })
    await claim(id)

    limitOpenRun(bundle, id)

    const until = clock.now + 300_000
    expect(await task(id)).toMatchObject({ status: 'ready', retry_at: until, consecutive_failures: 0 })
    expect(await runs(id)).toMatchObject([
      { outcome: 'rate_limited', exit_code: 75, error: 'It exited with 75.\nHTTP 429' },
    ])
    expect((await events(id)).at(-1)).toMatchObject({ kind: 'rate_limited', payload: { until } })
    expect((await call('task.why', { id: other.id })).why).toMatchObject({
      gate: 'profile_held',
      clears_at: until,
    })
  })

  it('lasts until the known reset time, then ends by itself', async () => {
    const bundle = await setup()
    const { call, claim, clock, create, events } = bundle
    await call('profile.add', { name: 'coder', shell: 'exit 0', completion: 'exit-code' })
    const { id } = await create({ assignee: 'coder' })
    await claim(id)
    limitOpenRun(bundle, id, clock.now + 7000)
    expect((await call('dispatcher.dispatch', {})).skipped).toMatchObject([
      { task_id: id, gate: 'profile_held' },
    ])

    clock.advance(7000)
    const { claimed } = await call('dispatcher.dispatch', {})

    expect(claimed).toMatchObject([{ task_id: id }])
    expect((await events()).map((event) => event.kind)).toContain('profile_released')
  })

  it('neither shortens a longer hold nor ends a systemic one', async () => {
    const bundle = await setup()
    const { claim, clock, create, inspector } = bundle
    const held = () => inspector.all('SELECT held_kind, held_until FROM profile_state')
    const [a, b, c] = [
      await create({ assignee: 'coder' }),
      await create({ assignee: 'coder' }),
      await create({ assignee: 'coder' }),
    ]
    for (const { id } of [a, b, c]) await claim(id)
    const long = clock.now + 3_600_000
    limitOpenRun(bundle, a.id, long)
    limitOpenRun(bundle, b.id, clock.now + 1000)
    expect(held()).toEqual([{ held_kind: 'rate_limited', held_until: long }])

    for (let n = 0; n < 3; n++) await fail(bundle, (await create({ assignee: 'tester' })).id)
    const { id } = await create({ assignee: 'tester' })
    await claim(id)
    limitOpenRun(bundle, id)
    expect(inspector.all(`SELECT held_kind FROM profile_state WHERE profile = 'tester'`)).toEqual([
      { held_kind: 'systemic_failure' },
    ])
  })
})

describe('A2, A3: rate limits in a row', () => {
  const policy = { ...PLAIN_POLICY, backoff_seconds: 30 }

  /** Makes one attempt after the other, each as soon as it may start, until the task is no longer retried. */
  async function attempts(reset: (now: number) => number | null, settings = policy, most = 60) {
    const bundle = await setup()
    const { call, claim, clock, create, task } = bundle
    await call('profile.add', { name: 'coder', shell: 'true' })
    const { id } = await create({ assignee: 'coder' })
    const waits: number[] = []
    for (let n = 0; n < most && (await task(id)).status === 'ready'; n++) {
      await claim(id)
      limitOpenRun(bundle, id, reset(clock.now), settings)
      const { retry_at } = await task(id)
      if (retry_at === null) break
      waits.push((retry_at - clock.now) / 1000)
      clock.advance(retry_at - clock.now)
    }
    return { ...bundle, id, waits }
  }

  it('never wait less than the growing backoff of the profile, whatever time the tool gives', async () => {
    const { id, runs, task, waits } = await attempts((now) => now + 880)
    expect(waits.slice(0, 3)).toEqual([30, 60, 120])
    for (const [n, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual(30 * 2 ** n)
    const outcomes = (await runs(id)).map(({ outcome }) => outcome)
    const limited = (count: number) => Array.from({ length: count }, () => 'rate_limited')
    expect(outcomes).toEqual([...limited(3), 'crashed', 'crashed', 'crashed'])
    expect(await task(id)).toMatchObject({
      status: 'blocked',
      block_kind: 'gave_up',
      consecutive_failures: 3,
    })
  })

  it('without a reset time wait longer each time, then count as failures and say so', async () => {
    const { id, runs, task, waits } = await attempts(() => null)
    expect(waits.slice(0, 3)).toEqual([300, 600, 1200])
    const [, , , fourth] = await runs(id)
    expect(fourth?.error).toMatch(
      /^It exited with 75\. It is the rate limit number 4 in a row, so it counts as a failure\.\n/,
    )
    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: 'gave_up' })
  })

  it('wait at least a second if the profile retries at once', async () => {
    const { waits } = await attempts((now) => now + 10, { ...policy, backoff_seconds: 0 })
    expect(waits.slice(0, 3)).toEqual([1, 2, 4])
  })

  it('with a reset time are waited out, and end in failure after twenty', async () => {
    const { id, runs, task } = await attempts((now) => now + 3_600_000)
    const outcomes = (await runs(id)).map(({ outcome }) => outcome)
    expect(outcomes.filter((outcome) => outcome === 'rate_limited')).toHaveLength(20)
    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: 'gave_up' })
  })

  it('are counted from zero after another end, and after a person unblocks the task', async () => {
    const bundle = await attempts(() => null)
    const { call, claim, clock, id, runs, task } = bundle
    clock.advance(1)
    await call('task.unblock', { id })
    clock.advance(1)
    await claim(id)
    limitOpenRun(bundle, id, null, policy)
    expect((await runs(id)).at(-1)).toMatchObject({ outcome: 'rate_limited' })
    expect((await task(id)).retry_at).toBe(clock.now + 300_000)

    clock.advance(300_000)
    await claim(id)
    failOpenRun(bundle, id)
    await claim(id)
    limitOpenRun(bundle, id, null, policy)
    expect((await task(id)).retry_at).toBe(clock.now + 300_000)
  })

  it('A4: quote a reset time that cannot be right', async () => {
    const bundle = await setup()
    const { call, claim, create, events, task, write } = bundle
    await call('profile.add', { name: 'coder', shell: 'true' })
    const { id } = await create({ assignee: 'coder' })
    const waiting = await create({ assignee: 'coder' })
    await claim(id)
    write((tx) => {
      const { task: row, run } = openRun(tx, id)
      const limit = { resets_at: null, refused: 'resets in 900 days', error: '429', exit: null }
      return endRateLimited(tx, row, run, limit, policy)
    })
    expect((await task(id)).retry_at).toBe(bundle.clock.now + 300_000)
    expect((await events(id)).at(-1)).toMatchObject({
      payload: { refused: 'resets in 900 days', stated: false },
    })
    const { why } = await call('task.why', { id: waiting.id })
    expect(why?.sentence).toContain('it named “resets in 900 days”, which is too far ahead')
  })
})
