/** A plan of parts that a person edits and accepts; each is built on a branch of its own, and all are joined, reviewed and merged. */
export const PLAN_AND_BUILD = `runboard: 1
name: plan-and-build
title: Plan parts and build each
inputs:
  goal: {type: text, required: true}
roles:
  planner: {capability: planner}
  builder: {capability: worker}
  reviewer: {capability: reviewer, not_same_as: builder}
workspace: worktree
steps:
  - key: plan
    stage: Plan
    kind: work
    role: planner
    workspace: read-only
    session: resume plan
    prompt: |
      Divide this into parts that can each be built and tested by themselves. Change nothing: {{inputs.goal}}
      Give each part a short key, and under “after” the keys of the parts whose work it needs.
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
    do: part
    with:
      goal: |
        {{item.goal}}

        This is one part of: {{inputs.goal}}
    max_parallel: 3
    max_items: 20
    verify: true
    on: {succeeded: review_all, some_failed: ask, empty: nothing}
  - key: ask
    stage: Build
    kind: approve
    question: Not every part was built. Continue with those that were?
    show: [steps.build.summary, steps.build.metadata.items]
    on:
      approved: review_all
      changes: {to: plan, max_rounds: 3}
      rejected: dropped
  - key: review_all
    stage: Review
    kind: work
    role: reviewer
    workspace: read-only
    prompt: |
      Review the branch as a whole: do its parts together make this? {{inputs.goal}}
      The parts: {{steps.build.metadata.items}}
    verdicts: [accept, changes]
    metadata:
      type: object
      required: [findings]
      properties:
        findings: {type: array, items: {type: object, required: [file, what]}}
    on:
      accept: sign_off
      changes: {to: fix_all, max_rounds: 3}
  - key: fix_all
    stage: Review
    kind: work
    role: builder
    prompt: |
      Put right what the last check or review found.
    on: {done: test_all}
  - key: test_all
    stage: Review
    kind: check
    use: verify_command
    on:
      passed: review_all
      failed: {to: fix_all, max_rounds: 4}
  - key: sign_off
    stage: Review
    kind: approve
    question: Merge it?
    on:
      approved: merge
      changes: {to: fix_all, max_rounds: 5}
      rejected: dropped
  - key: merge
    stage: Merge
    kind: merge
    verify: true
    on:
      merged: built
      conflict: {to: untangle, max_rounds: 2}
      check_failed: {to: fix_all, max_rounds: 2}
  - key: untangle
    stage: Merge
    kind: work
    role: builder
    prompt: |
      Bring in the base branch and settle these conflicts: {{steps.merge.metadata.files}}
    on: {done: test_all}
  - {key: built, kind: end, state: succeeded}
  - {key: nothing, kind: end, state: cancelled}
  - {key: dropped, kind: end, state: cancelled}
`
