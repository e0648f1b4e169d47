import type { Setup } from './setup.ts'

/** Builds and tests in a loop, then asks a question. Its two profiles never start. */
export const LOOPED = `runboard: 1
name: looped
title: Looped
steps:
  - {key: build, kind: work, profile: builder, prompt: Build it., on: {done: test, blocked: ask, gave_up: ask}}
  - key: test
    kind: work
    profile: tester
    prompt: Test it.
    verdicts: [good, bad]
    on: {good: way, bad: {to: build, max_rounds: 2}}
  - key: way
    kind: decide
    rules: [{verdict: bad, when: {equal: [steps.test.verdict, bad]}}]
    otherwise: good
    on: {good: ask, bad: ask}
  - key: ask
    kind: approve
    question: Good?
    on: {approved: over, changes: {to: build, max_rounds: 2}, rejected: dropped}
  - {key: over, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: cancelled}
`

/** Adds the profiles that are not there yet. Their workers do nothing. */
export async function haveProfiles(call: Setup['call'], ...names: string[]): Promise<void> {
  const { profiles } = await call('profile.list', {})
  for (const name of names)
    if (!profiles.some((profile) => profile.name === name)) await call('profile.add', { name, shell: 'true' })
}

/** @returns the id of a card at the first step of `LOOPED` */
export async function walkingTask({ call, create }: Setup, title = 'A card'): Promise<string> {
  await haveProfiles(call, 'builder', 'tester')
  await call('workflow.add', { file: LOOPED, replace: true })
  const { id } = await create(title)
  await call('workflow.start', { id, name: 'looped' })
  return id
}

/** What the pure engine and the board both know of a visit. */
export interface EngineVisit {
  step: string
  visit: number
  verdict: string | null
  valid: boolean
  from: string | null
  via: string | null
}

/** @returns a visit without what only the board knows */
export function engineVisit({ from, step, valid, verdict, via, visit }: EngineVisit): EngineVisit {
  return { step, visit, verdict, valid, from, via }
}
