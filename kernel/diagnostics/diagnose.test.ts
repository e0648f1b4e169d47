import { describe, expect, it } from 'vitest'
import { failRun } from '../lifecycle/fail.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { CRASH, PLAIN_POLICY } from '../testing/factories.ts'
import { type Setup, setup } from '../testing/setup.ts'
import * as profileState from '../tables/profile-state.ts'
import * as taskRuns from '../tables/task-runs.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

async function board(profiles: string[] = ['coder']) {
  const bundle = await setup()
  for (const name of profiles) await bundle.call('profile.add', { name, shell: 'true' })
  const diagnose = async () => (await bundle.call('diagnostics.list', {})).diagnostics
  const short = async () =>
    (await diagnose()).map(({ kind, severity, sentence, action }) => [kind, severity, sentence, action])
  return { ...bundle, diagnose, short }
}

async function crash({ claim, write, call }: Setup, id: string): Promise<void> {
  await call('task.retry', { id }).catch(() => undefined)
  const { run } = await claim(id, 'coder')
  write((tx) => failRun(tx, requireTask(tx, id), tx.get(taskRuns.byId, { id: run.id })!, CRASH, PLAIN_POLICY))
}

it('reports nothing on a healthy board', async () => {
  const { create, claim, call, short, clock } = await board()
  const { id } = await create({ title: 'One', assignee: 'coder' })
  await create({ title: 'Next', assignee: 'coder', parents: [id] })
  await claim(id)
  clock.advance(MINUTE)
  expect(await short()).toEqual([])
  await call('task.complete', { id })
  expect(await short()).toEqual([])
})

describe('stuck', () => {
  it('reports a task blocked for a day, more severely when others wait for it', async () => {
    const { create, call, short, clock } = await board()
    const { id } = await create({ title: 'Asks', assignee: 'coder' })
    await create({ title: 'Waits', parents: [id], assignee: 'coder' })
    await call('task.block', { id, reason: 'Which currency?' })
    clock.advance(DAY)
    expect(await short()).toEqual([])
    clock.advance(1)
    expect(await short()).toEqual([
      [
        'stuck',
        'error',
        'Blocked for 24 h: Which currency? 1 task waits for it.',
        `unblock ${id} --answer …`,
      ],
    ])
    await call('comment.add', { id, body: 'I ask the client' })
    expect(await short()).toEqual([])
  })

  it('reports a review and a held task, too', async () => {
    const { create, call, claim, short, clock } = await board()
    const held = await create({ title: 'Held', assignee: 'coder' })
    await call('task.hold', { id: held.id, reason: 'after the holidays' })
    const { id } = await create({ title: 'Review', assignee: 'coder' })
    const { worker } = await claim(id)
    await call('task.request_review', { id, summary: 'see' }, worker)
    clock.advance(3 * DAY)
    expect(await short()).toEqual([
      ['stuck', 'error', 'Held for 3 d: after the holidays.', `release ${held.id}`],
      ['stuck', 'error', 'In review for 3 d.', `approve ${id}`],
    ])
  })
})

describe('stranded', () => {
  it('reports ready tasks that nothing starts once, with what holds them all', async () => {
    const { create, diagnose, clock } = await board()
    const first = await create({ title: 'First', assignee: 'coder' })
    clock.advance(MINUTE)
    const second = await create({ title: 'Second', assignee: 'coder' })
    clock.advance(31 * MINUTE)
    expect(await diagnose()).toEqual([
      expect.objectContaining({
        kind: 'stranded',
        severity: 'warning',
        task_ids: [first.id, second.id],
        sentence:
          '2 tasks are ready, one of them has been ready for 32 min without being started. No dispatcher is running for this board.',
        action: 'serve, or dispatch',
      }),
    ])
    clock.advance(30 * MINUTE)
    expect((await diagnose())[0]?.severity).toBe('error')
    clock.advance(3 * HOUR)
    expect((await diagnose())[0]?.severity).toBe('critical')
  })

  it('does not report a task that waits for its time', async () => {
    const { create, short, clock } = await board()
    await create({ title: 'Later', assignee: 'coder', not_before_at: clock.now + DAY })
    clock.advance(2 * HOUR)
    expect(await short()).toEqual([])
  })
})

describe('misassigned', () => {
  it('suggests the name for a mistyped profile', async () => {
    const { create, short } = await board(['coder', 'writer'])
    const one = await create({ title: 'One', assignee: 'codr' })
    const two = await create({ title: 'Two', assignee: 'codr' })
    expect(await short()).toEqual([
      [
        'misassigned',
        'error',
        '2 tasks are assigned to “codr”, which is not a profile. Did you mean “coder”?',
        `assign ${one.id} ${two.id} coder`,
      ],
    ])
  })

  it('reports unknown profiles without a similar name, and tasks without an assignee', async () => {
    const { create, short } = await board()
    await create({ title: 'One', assignee: 'stranger' })
    const two = await create('Two')
    expect(await short()).toEqual([
      [
        'misassigned',
        'error',
        'A task is assigned to “stranger”, which is not a profile.',
        'profiles add stranger …',
      ],
      ['misassigned', 'warning', 'A task is ready and assigned to nobody.', `assign ${two.id} PROFILE`],
    ])
  })
})

describe('failing attempts', () => {
  it('are reported before the failure limit is reached', async () => {
    const bundle = await board()
    const { id } = await bundle.create({ title: 'Shaky', assignee: 'coder', max_retries: 4 })
    await crash(bundle, id)
    expect(await bundle.short()).toEqual([])
    await crash(bundle, id)
    expect(await bundle.short()).toEqual([
      [
        'failing',
        'warning',
        '2 failures in a row; it gives up at 4. The last: It exited with 1.',
        `runs ${id}`,
      ],
    ])
    await crash(bundle, id)
    expect((await bundle.diagnose())[0]?.severity).toBe('error')
  })

  it('are reported when there are many in a day, however they ended', async () => {
    const { create, claim, call, short } = await board()
    const { id } = await create({ title: 'Loop', assignee: 'coder' })
    for (let attempt = 0; attempt < 5; attempt++) {
      await claim(id)
      await call('task.reclaim', { id })
    }
    expect(await short()).toEqual([
      ['looping', 'warning', '5 attempts within a day without success.', `hold ${id}`],
    ])
  })

  it('reports a held profile', async () => {
    const { write, short, clock } = await board()
    write((tx) =>
      tx.run(profileState.hold, {
        profile: 'coder',
        held_kind: 'rate_limited',
        held_since: clock.now,
        held_why: 'rate limited: 429',
        held_until: clock.now + 5 * MINUTE,
      }),
    )
    expect(await short()).toEqual([
      [
        'profile_held',
        'info',
        'Profile coder is held: rate limited: 429. It resumes in 5 min.',
        'profiles release coder',
      ],
    ])
  })

  it('reports a worker that claims to have created tasks it did not create', async () => {
    const { create, claim, call, short } = await board()
    const { id } = await create({ title: 'Liar', assignee: 'coder' })
    const { worker } = await claim(id)
    await call('task.complete', { id, summary: 'x', created_cards: ['t_deadbeef'] }, worker).catch(
      () => undefined,
    )
    expect(await short()).toEqual([
      [
        'rejected_cards',
        'warning',
        'Its worker reported tasks that it did not create: t_deadbeef. The completion was refused.',
        `log ${id}`,
      ],
    ])
  })
})

describe('open runs', () => {
  it('reports a lapsed claim', async () => {
    const { create, claim, short, clock } = await board()
    const { id } = await create({ title: 'Pulled', assignee: 'coder' })
    await claim(id)
    clock.advance(20 * MINUTE)
    expect(await short()).toEqual([
      ['stale', 'warning', 'The claim of attempt 1 lapsed 5 min ago.', 'dispatch'],
    ])
  })

  it('reports a run over its time limit, and more runs than the board allows', async () => {
    const { create, claim, call, diagnose, clock, slug } = await board()
    const one = await create({ title: 'One', assignee: 'coder', max_runtime_seconds: 60 })
    const two = await create({ title: 'Two', assignee: 'coder' })
    await claim(one.id)
    await claim(two.id)
    await call('board.set', { slug, settings: { max_running: 1 } })
    clock.advance(3 * MINUTE)
    expect((await diagnose()).map(({ kind, severity, sentence }) => [kind, severity, sentence])).toEqual([
      ['over_limits', 'error', 'Attempt 1 runs 2 min longer than its 60 s.'],
      ['over_limits', 'info', 'The board runs 2 workers in parallel; its limit is 1.'],
    ])
  })
})

it('reports no run that waits for an answer as over its limit, nor its wait afterwards', async () => {
  const { call, claim, clock, create } = await setup()
  const { id } = await create({ max_runtime_seconds: 600 })
  const { worker } = await claim(id)
  await call('question.ask', { id, title: 'Which?', timeout_seconds: 0 }, worker)
  const late = async () => {
    await call('task.heartbeat', { id }, worker)
    return (await call('diagnostics.list', {})).diagnostics.filter(({ kind }) => kind === 'over_limits')
  }
  clock.advance(3_600_000)
  expect(await late()).toEqual([])
  await call('question.answer', { question: id, text: 'This' })
  clock.advance(599_000)
  expect(await late()).toEqual([])
  clock.advance(2_000)
  expect(await late()).toMatchObject([{ task_ids: [id] }])
})

it('lists the worst first, and can omit the less severe', async () => {
  const { create, call, clock } = await board()
  const wrong = await create({ title: 'Wrong', assignee: 'nobody-here' })
  await create('Nobody')
  clock.advance(5 * HOUR)
  const kinds = async (input: Parameters<typeof call<'diagnostics.list'>>[1]) =>
    (await call('diagnostics.list', input)).diagnostics.map((item) => item.severity)
  expect(await kinds({})).toEqual(['error', 'warning'])
  expect(await kinds({ severity: 'error' })).toEqual(['error'])
  expect(await kinds({ severity: 'critical' })).toEqual([])
  expect(await kinds({ task_id: wrong.id })).toEqual(['error'])
})
