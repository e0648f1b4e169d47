import type { Setup } from './setup.ts'

/** A plan whose parts a person edits, with a form; then a way by the form, and a card for each part. */
export const ASKED = `runboard: 1
name: asked
title: Asked
inputs: {version: {type: string, default: "1"}}
workspace: scratch
steps:
  - key: plan
    kind: work
    profile: planner
    prompt: Which parts?
    metadata:
      type: object
      required: [parts, why]
      properties:
        why: {type: string}
        parts:
          type: array
          minItems: 1
          items:
            type: object
            required: [key]
            properties: {key: {type: string}, goal: {type: string, maxLength: 20}, after: {type: array, items: {type: string}}}
    on: {done: agree}
  - key: agree
    kind: approve
    question: Which of them?
    show: [steps.plan.metadata.why]
    edit: steps.plan.metadata.parts
    form:
      type: object
      required: [version]
      properties:
        version: {type: string, title: Version, pattern: "^[0-9.]+$", default: "{{inputs.version}}"}
        urgent: {type: boolean, default: false}
        note: {type: string}
    on:
      approved: way
      changes: {to: plan, max_rounds: 2}
      rejected: dropped
  - key: way
    kind: decide
    rules: [{verdict: first, when: {equal: [steps.agree.metadata.version, "1"]}}]
    otherwise: later
    on: {first: small, later: parts}
  - key: small
    kind: work
    profile: builder
    prompt: "Build {{steps.agree.metadata.version}}"
    on: {done: over}
  - key: parts
    kind: map
    over: steps.agree.metadata.parts
    item_key: key
    after: after
    do: {profile: builder, prompt: "Build {{item.key}} of {{steps.agree.metadata.version}}"}
    on: {succeeded: over, some_failed: dropped}
  - {key: over, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: cancelled}
`

/** @returns the id of a card that asks at `agree`, with the parts `a` and `b` */
export async function askedTask({ call, claim, create }: Setup): Promise<string> {
  for (const name of ['planner', 'builder'])
    await call('profile.add', { name, shell: 'true' }).catch(() => undefined)
  await call('workflow.add', { file: ASKED, replace: true })
  const { id } = await create('A card')
  await call('workflow.start', { id, name: 'asked' })
  const { worker } = await claim(id, 'planner')
  const metadata = {
    why: 'So',
    parts: [
      { key: 'a', goal: 'A' },
      { key: 'b', after: ['a'] },
    ],
  }
  await call('task.complete', { id, metadata, summary: 'Planned' }, worker)
  return id
}
