import { describe, expect, it } from 'vitest'
import { setup } from '../testing/setup.ts'
import * as profileState from '../tables/profile-state.ts'
import { writeEvent } from '../lifecycle/write-event.ts'

describe('B9: a card that waits for its profile says so, live', () => {
  async function stage() {
    const bundle = await setup()
    const { call, create } = bundle
    await call('profile.add', { name: 'coder', shell: 'true', max_concurrent: 1 })
    await call('profile.add', { name: 'other', shell: 'true' })
    const [first, waiting, other] = [
      await create({ title: 'First', assignee: 'coder' }),
      await create({ title: 'Waiting', assignee: 'coder' }),
      await create({ title: 'Other', assignee: 'other' }),
    ]
    let cursor = (await call('board.view', {})).cursor
    /** The reason on each card that changed since the last look. */
    const changes = async () => {
      const answer = await call('board.changes', { since: cursor })
      cursor = answer.cursor
      return Object.fromEntries(answer.cards.map(({ title, why }) => [title, why?.gate ?? null]))
    }
    const reasonOf = async (title: string) =>
      (await call('task.list', {})).tasks.find((card) => card.title === title)?.why ?? null
    return { ...bundle, first, waiting, other, changes, reasonOf }
  }

  it('that the profile is at its limit, and then no longer', async () => {
    const { call, changes, claim, first, reasonOf } = await stage()

    const { worker } = await claim(first.id)
    expect(await changes()).toMatchObject({ First: null, Waiting: 'profile_limit' })
    expect((await reasonOf('Waiting'))?.sentence).toBe('The profile coder runs 1 at once at most.')

    await call('task.complete', { id: first.id, summary: 'Done' }, worker)
    expect(await changes()).toMatchObject({ Waiting: null })
    expect(await changes()).toEqual({})
  })

  it('that the profile is held, and released', async () => {
    const { call, changes, clock, reasonOf, write } = await stage()
    const until = clock.now + 60_000
    write((tx) => {
      const hold = { profile: 'coder', held_kind: 'rate_limited', held_since: clock.now } as const
      tx.run(profileState.hold, { ...hold, held_why: 'rate limited', held_until: until })
      writeEvent(tx, 'profile_held', null, null, { profile: 'coder', until })
    })

    expect(await changes()).toEqual({ First: 'profile_held', Waiting: 'profile_held' })
    expect(await reasonOf('Waiting')).toMatchObject({
      sentence: 'The profile coder is held: rate limited.',
      clears_at: until,
    })
    await call('profile.release', { name: 'coder' })
    expect(await changes()).toEqual({ First: null, Waiting: null })
  })

  it('that the profile does not exist', async () => {
    const { call, create, reasonOf } = await stage()
    const { id } = await create({ title: 'Lost', assignee: 'nobody' })
    expect((await reasonOf('Lost'))?.gate).toBe('unknown_profile')
    expect((await call('task.why', { id })).why).toEqual(await reasonOf('Lost'))
  })
})
