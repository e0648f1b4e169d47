import type { Message as Told, Profile, Run } from '../../contract/index.ts'
import { duration } from '../shared/time.ts'
import type { Message } from './messages.ts'

/** From here on the time between telling and delivery is shown, in milliseconds. */
const SHOWN_DELAY = 1000

/** @returns whether a worker of this profile takes messages while it runs; not known for a removed profile */
export function takesMessages(profiles: readonly Profile[], name: string | null): boolean {
  return profiles.find((profile) => profile.name === name)?.driver === 'acp'
}

/**
 * @param told what was said to the workers of a task
 * @param runs of the task
 * @returns the same for the history, each with what became of it
 */
export function toldMessages(
  told: readonly Told[],
  runs: readonly Run[],
  profiles: readonly Profile[],
): Message[] {
  const isProfile = (name: string) => profiles.some((profile) => profile.name === name)
  return told.map((message) => ({
    key: `told ${message.id}`,
    at: message.told_at,
    who: isProfile(message.told_by) ? message.told_by : 'You',
    how: 'told the worker',
    text: message.body,
    fate: fateOf(message, runs, profiles),
  }))
}

/** @returns what became of a message, in words */
export function fateOf(message: Told, runs: readonly Run[], profiles: readonly Profile[]): string {
  const run = runs.find(({ id }) => id === message.run_id)
  if (message.state === 'delivered') return deliveredWords(message, run)
  if (message.state === 'queued') {
    return takesMessages(profiles, run?.profile ?? null)
      ? 'Queued: the worker has not taken it yet'
      : 'Kept for the next attempt'
  }
  return 'For the next attempt, in its context'
}

function deliveredWords({ delivered_at, delivered_how, told_at }: Told, run: Run | undefined): string {
  const to = run === undefined ? 'Delivered' : `Delivered to attempt ${run.attempt}`
  const how = delivered_how === null ? '' : ` ${delivered_how}`
  const delay = (delivered_at ?? told_at) - told_at
  return `${to}${how}${delay < SHOWN_DELAY ? '' : `, ${duration(delay)} later`}`
}
