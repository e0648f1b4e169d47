import type { Setup } from './setup.ts'

/** A worker reports the list; each item is a card with one step, at most two at once; then a report. */
export const MAPPED = `runboard: 1
name: mapped
title: Mapped
workspace: scratch
steps:
  - key: plan
    kind: work
    profile: planner
    prompt: Which parts?
    metadata:
      type: object
      required: [parts]
      properties:
        parts:
          type: array
          items:
            type: object
            required: [key, what]
            properties: {key: {type: string}, what: {type: string}, after: {type: array, items: {type: string}}}
    on: {done: parts}
  - key: parts
    kind: map
    over: steps.plan.metadata.parts
    item_key: key
    after: after
    do: {profile: builder, prompt: "Build {{item.what}}"}
    max_parallel: 2
    on: {succeeded: report, some_failed: {to: plan, max_rounds: 2}, empty: nothing}
  - key: report
    kind: work
    profile: planner
    prompt: "Report on {{steps.parts.metadata.items}}"
    on: {done: over}
  - {key: over, kind: end, state: succeeded}
  - {key: nothing, kind: end, state: cancelled}
`

/** One step of an item's own workflow, which may fail. */
export const PART = `runboard: 1
name: part
title: A part
inputs: {goal: {type: text, required: true}}
roles: {builder: {capability: worker}}
steps:
  - key: build
    kind: work
    role: builder
    prompt: "Build {{inputs.goal}}"
    verdicts: [good, bad]
    on: {good: built, bad: broken}
  - {key: built, kind: end, state: succeeded}
  - {key: broken, kind: end, state: failed}
`

/** Items of an input, each through `part`. */
export const FAN = `runboard: 1
name: fan
title: Fan out
inputs: {parts: {type: list, required: true}}
steps:
  - key: fan
    kind: map
    over: inputs.parts
    do: part
    with: {goal: "the part {{item}}"}
    max_items: 1000
    on: {succeeded: good, some_failed: bad}
  - {key: good, kind: end, state: succeeded}
  - {key: bad, kind: end, state: failed}
`

/** Adds the profiles and workflows above to a home. */
export async function addMaps({ call }: Pick<Setup, 'call'>): Promise<void> {
  for (const name of ['planner', 'builder']) await call('profile.add', { name, shell: 'true' })
  for (const file of [MAPPED, PART, FAN]) await call('workflow.add', { file })
}

/** @returns the cards of the items of a card’s last map step, by key */
export async function itemCards({ call }: Pick<Setup, 'call'>, id: string): Promise<Map<string, string>> {
  const { items = [] } = await call('task.show', { id })
  return new Map(items.map(({ key, task }) => [key, task?.id ?? '']))
}
