/** A plan of parts that a person edits and accepts, each part built by `feature`, one report. */
export const PLAN_AND_BUILD = `runboard: 1
name: plan-and-build
title: Plan parts and build each
inputs:
  goal: {type: text, required: true}
roles:
  planner: {capability: planner}
  builder: {capability: worker}
  reviewer: {capability: reviewer, not_same_as: builder}
steps:
  - key: plan
    stage: Plan
    kind: work
    role: planner
    workspace: read-only
    prompt: |
      Divide this into parts that can each be built, tested and merged by themselves. Change nothing: {{inputs.goal}}
      Give each part a short key, and under “after” the keys of the parts that must be merged before it.
    metadata:
      type: object
      required: [parts]
      properties:
        parts:
          type: array
          maxItems: 20
          items:
            type: object
            required: [key, goal]
            properties:
              key: {type: string}
              title: {type: string}
              goal: {type: string}
              after: {type: array, items: {type: string}}
    on: {done: agree}
  - key: agree
    stage: Plan
    kind: approve
    question: Build these parts? You can change, add, remove and reorder them first.
    edit: steps.plan.metadata.parts
    on:
      approved: build
      changes: {to: plan, max_rounds: 5}
      rejected: dropped
  - key: build
    stage: Build
    kind: map
    over: steps.agree.metadata.parts
    item_key: key
    after: after
    do: feature
    with:
      goal: |
        {{item.goal}}

        This is one part of: {{inputs.goal}}
    max_parallel: 3
    max_items: 20
    on: {succeeded: report, some_failed: ask, empty: nothing}
  - key: ask
    stage: Build
    kind: approve
    question: Not every part was built. Report the parts that were?
    show: [steps.build.summary, steps.build.metadata.items]
    on:
      approved: report
      changes: {to: plan, max_rounds: 3}
      rejected: dropped
  - key: report
    stage: Report
    kind: work
    role: planner
    workspace: read-only
    prompt: |
      Report what was built for: {{inputs.goal}}
      The parts: {{steps.build.metadata.items}}
    on: {done: built}
  - {key: built, kind: end, state: succeeded}
  - {key: nothing, kind: end, state: cancelled}
  - {key: dropped, kind: end, state: cancelled}
`
