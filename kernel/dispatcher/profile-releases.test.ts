import { expect, it } from 'vitest'
import * as profileState from '../tables/profile-state.ts'
import { setup } from '../testing/setup.ts'
import { ProfileReleases } from './profile-releases.ts'

async function held() {
  const bundle = await setup()
  const { board, clock, write } = bundle
  const hold = (profile: string, held_until: number | null) =>
    write((tx) =>
      tx.run(profileState.hold, {
        profile,
        held_kind: held_until === null ? 'systemic_failure' : 'rate_limited',
        held_since: tx.now,
        held_why: 'Test',
        held_until,
      }),
    )
  hold('limited', clock.now + 5000)
  hold('failing', null)
  const names = () => board.connection.read.all(profileState.all, {}).map(({ profile }) => profile)
  return { ...bundle, names, releases: new ProfileReleases({ clock: () => clock.now }, board) }
}

it('a limited profile is released at its time, and not before', async () => {
  const { clock, events, names, releases } = await held()
  expect(releases.nextDueIn()).toBe(5000)
  clock.advance(4999)
  await releases.runOnce()
  expect(names()).toEqual(['failing', 'limited'])

  clock.advance(1)
  await releases.runOnce()

  expect(names()).toEqual(['failing'])
  expect((await events()).at(-1)).toMatchObject({
    kind: 'profile_released',
    payload: { profile: 'limited' },
  })
})

it('a profile that a person must release is never due', async () => {
  const { clock, names, releases } = await held()
  clock.advance(5000)
  await releases.runOnce()
  expect(releases.nextDueIn()).toBe(Infinity)
  clock.advance(10 ** 10)
  await releases.runOnce()
  expect(names()).toEqual(['failing'])
})
