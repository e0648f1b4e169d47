import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { BoardDispatcher } from '../dispatcher/board-dispatcher.ts'
import { cleanUp, setup, until } from '../testing/setup.ts'
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
    expect((await reasonOf('Waiting'))?.sentence).toBe('Waiting for a free coder worker (1 of 1 busy).')

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
      sentence: 'Profile coder is rate-limited.',
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

  describe('while a dispatcher runs', () => {
    async function dispatched() {
      const bundle = await stage()
      // Nothing may start: the reasons stay those of the profiles.
      await bundle.call('dispatcher.pause', {})
      const dispatching = bundle.kernel.startDispatching()
      cleanUp(() => dispatching.stop())
      await until(async () => (await bundle.call('dispatcher.show', {})).dispatcher.who === 'here')
      await bundle.create({ title: 'Lost', assignee: 'later' })
      await bundle.changes()
      const next = async () => {
        const found = await until(async () => {
          const changed = await bundle.changes()
          return Object.keys(changed).length > 0 && changed
        })
        return found
      }
      return { ...bundle, next }
    }

    it('that a profile is added, removed, or changed', async () => {
      const { call, next } = await dispatched()
      await call('profile.add', { name: 'later', shell: 'true' })
      expect(await next()).toEqual({ Lost: null })
      await call('profile.remove', { name: 'coder' })
      expect(await next()).toEqual({ First: 'unknown_profile', Waiting: 'unknown_profile' })
    })

    it('that another program edits config.json, also in two steps', async () => {
      const { home, next } = await dispatched()
      const file = join(home, 'config.json')
      const config = JSON.parse(readFileSync(file, 'utf8')) as { profiles: Record<string, unknown> }
      const noticed = vi.spyOn(BoardDispatcher.prototype, 'configChanged')
      writeFileSync(file, '{')
      await until(() => noticed.mock.calls.length > 0)
      delete config.profiles['other']
      writeFileSync(file, JSON.stringify(config))
      expect(await next()).toEqual({ Other: 'unknown_profile' })
    })

    it('writes one event, and only where tasks wait for the profile', async () => {
      const { call, events, kernel, next, person } = await dispatched()
      await kernel.call('board.create', { slug: 'quiet' }, person)
      await call('profile.set', { name: 'coder', fields: { max_concurrent: 2 } })
      await call('profile.add', { name: 'idle', shell: 'true' })
      await next()
      const changed = (await events()).filter(({ kind }) => kind === 'profile_changed')
      expect(changed.map(({ payload }) => payload)).toEqual([{ profile: 'coder' }])
      const quiet = await kernel.call('event.list', { board: 'quiet', since: 0 }, person)
      expect(quiet.events).toEqual([])
    })
  })
})
