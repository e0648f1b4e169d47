import { describe, expect, it } from 'vitest'
import type { Message, Profile } from '../../contract/index.ts'
import { aRun, NOW } from '../runs/test-runs.ts'
import { duration } from '../shared/time.ts'
import { fateOf, toldMessages } from './told.ts'

const told = (fields: Partial<Message>): Message => ({
  id: 1,
  task_id: 't_1',
  run_id: 1,
  body: 'Use the old brass',
  interrupt: false,
  told_by: 'human',
  told_at: NOW,
  delivered_at: null,
  delivered_how: null,
  state: 'queued',
  ...fields,
})

const PROFILES = [
  { name: 'listens', driver: 'acp' },
  { name: 'deaf', driver: 'process' },
] as Profile[]

describe('what became of a message to a worker', () => {
  it('is queued for a worker that takes messages, and kept for the next attempt of another', () => {
    const fate = (profile: string) =>
      fateOf(told({}), [aRun({ id: 1, attempt: 1, profile, started_at: NOW - 1000 })], PROFILES)
    expect(fate('listens')).toBe('Queued: the worker has not taken it yet')
    expect(fate('deaf')).toBe('Kept for the next attempt')
    expect(fate('removed')).toBe('Kept for the next attempt')
  })

  it('says to which attempt it was delivered, how, and how much later', () => {
    const runs = [aRun({ id: 1, attempt: 3 })]
    const delivered = { state: 'delivered', delivered_how: 'during the turn' } as const
    expect(fateOf(told({ ...delivered, delivered_at: NOW + 10 }), runs, PROFILES)).toBe(
      'Delivered to attempt 3 during the turn',
    )
    expect(fateOf(told({ ...delivered, delivered_at: NOW + 12_000 }), runs, PROFILES)).toBe(
      `Delivered to attempt 3 during the turn, ${duration(12_000)} later`,
    )
  })

  it('waits for the next attempt if its run is over, and was delivered once the context of one has it', () => {
    const first = aRun({ id: 1, attempt: 1, outcome: 'crashed', started_at: NOW - 1000 })
    const second = aRun({ id: 2, attempt: 2, started_at: NOW + 1000 })
    const message = told({ state: 'next_attempt' })
    expect(fateOf(message, [first, second], PROFILES)).toBe('For the next attempt, in its context')
    const delivered = { delivered_at: NOW + 10, delivered_how: 'in its context' }
    expect(fateOf(told({ ...delivered, state: 'delivered', run_id: 2 }), [first, second], PROFILES)).toBe(
      'Delivered to attempt 2 in its context',
    )
    expect(fateOf(told({ state: 'next_attempt', run_id: null }), [], PROFILES)).toBe(
      'For the next attempt, in its context',
    )
  })

  it('stands in the history, from you or from the profile that said it', () => {
    const messages = toldMessages([told({}), told({ id: 2, told_by: 'deaf' })], [], PROFILES)
    expect(messages.map(({ at, how, key, text, who }) => [key, at, who, how, text])).toEqual([
      ['told 1', NOW, 'You', 'told the worker', 'Use the old brass'],
      ['told 2', NOW, 'deaf', 'told the worker', 'Use the old brass'],
    ])
  })
})
