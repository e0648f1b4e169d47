import { describe, expect, it } from 'vitest'
import { failOpenRun, taskIn } from '../testing/factories.ts'
import { setup } from '../testing/setup.ts'

describe('why', () => {
  it('says for each task in one sentence what it waits for, and the one action that would help', async () => {
    const bundle = await setup()
    const { call, clock, create, claim } = bundle
    await call('profile.add', { name: 'coder', shell: 'true' })
    const why = async (id: string) => (await call('task.why', { id })).why
    const ready = { assignee: 'coder' }

    const idea = await taskIn(bundle, 'triage')
    expect(await why(idea.id)).toMatchObject({ gate: 'triage', action: `promote ${idea.id}` })

    const parent = await create({ title: 'Lay the ground', ...ready })
    const other = await create('Another')
    const child = await create({ ...ready, parents: [parent.id, other.id] })
    expect((await why(child.id))?.sentence).toMatch(/^Blocked by t_\w+ “.*” and 1 more\.$/)
    expect(await why(child.id)).toMatchObject({ gate: 'open_parents', clears_at: null })

    const nobody = await create('Nobody')
    expect(await why(nobody.id)).toEqual({
      gate: 'no_assignee',
      sentence: 'Nobody is assigned to it.',
      clears_at: null,
      action: `assign ${nobody.id} PROFILE`,
    })

    const stranger = await create({ assignee: 'stranger' })
    expect(await why(stranger.id)).toMatchObject({ gate: 'unknown_profile' })

    const later = await create({ ...ready, not_before_at: clock.now + 7_200_000 })
    expect(await why(later.id)).toMatchObject({
      gate: 'not_before',
      sentence: 'Scheduled to start in 2 h.',
      clears_at: clock.now + 7_200_000,
    })

    const failed = await create(ready)
    await claim(failed.id)
    failOpenRun(bundle, failed.id, {}, { backoff_seconds: 30 })
    expect(await why(failed.id)).toMatchObject({
      gate: 'retry_at',
      sentence: 'Retries in 30 s (one failure).',
      clears_at: clock.now + 30_000,
      action: `retry ${failed.id}`,
    })

    const asks = await create(ready)
    await call('task.block', { id: asks.id, reason: 'Left or right?' })
    expect(await why(asks.id)).toMatchObject({ gate: 'blocked', sentence: 'Asks: Left or right?' })

    const review = await taskIn(bundle, 'review')
    expect(await why(review.id)).toMatchObject({ gate: 'review', action: `approve ${review.id}` })

    const waiting = await create(ready)
    expect(await why(waiting.id)).toMatchObject({ gate: 'no_dispatcher' })
    await call('dispatcher.pause', {})
    expect(await why(waiting.id)).toMatchObject({ gate: 'paused' })

    for (const status of ['running', 'done', 'archived'] as const) {
      expect(await why((await taskIn(bundle, status)).id)).toBeNull()
    }
  })

  it('shows the task’s own reason on its card, and the board’s reason once', async () => {
    const bundle = await setup()
    const { call, create } = bundle
    await call('profile.add', { name: 'coder', shell: 'true' })
    await create({ assignee: 'coder' })
    await call('dispatcher.pause', {})

    const { columns, dispatcher } = await call('board.view', {})

    expect(columns.find((column) => column.status === 'ready')?.cards).toMatchObject([{ why: null }])
    expect(dispatcher).toMatchObject({ paused: true, who: 'none' })
  })
})
