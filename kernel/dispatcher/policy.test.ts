import { expect, it } from 'vitest'
import { setup } from '../testing/setup.ts'
import { failurePolicy } from './policy.ts'

const random = () => 0.25

it('the policy for a failure takes the settings of profile and board as they are now', async () => {
  const { board, call, kernel, person } = await setup()
  await call('profile.add', { name: 'coder', shell: 'true', failure_limit: 5, backoff_seconds: 7 })
  const { profile } = await kernel.call('profile.show', { name: 'coder' }, person)
  const before = failurePolicy({ random }, board, profile)
  await kernel.call('board.set', { slug: 'test', settings: { failure_limit: 2 } }, person)

  expect(before).toEqual({ profile_limit: 5, board_limit: null, backoff_seconds: 7, random })
  expect(failurePolicy({ random }, board, profile)).toEqual({ ...before, board_limit: 2 })
})

it('the policy for a profile that is gone leaves its limits to the board', async () => {
  const { board } = await setup()
  expect(failurePolicy({ random }, board, undefined)).toMatchObject({
    profile_limit: null,
    backoff_seconds: null,
  })
})
