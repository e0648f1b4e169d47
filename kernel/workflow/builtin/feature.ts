/** Plan, agree, build, test, review, sign off, merge; findings of a check or a review go back to be fixed. */
export const FEATURE = `runboard: 1
name: feature
title: Build a feature
inputs:
  goal: {type: text, required: true}
roles:
  planner: {capability: planner}
  builder: {capability: worker}
  reviewer: {capability: reviewer, not_same_as: builder}
workspace: worktree
limits: {max_runtime_hours: 12}
steps:
  - key: plan
    stage: Plan
    kind: work
    role: planner
    workspace: read-only
    session: resume plan
    prompt: |
      Plan this, change nothing: {{inputs.goal}}
    metadata:
      type: object
      required: [plan, acceptance]
      properties:
        plan: {type: string}
        acceptance: {type: array, items: {type: string}, minItems: 1}
        risks: {type: array, items: {type: string}}
    on: {done: agree}
  - key: agree
    stage: Plan
    kind: approve
    question: Build it this way?
    show: ["steps.plan.metadata.plan", "steps.plan.metadata.acceptance"]
    on:
      approved: implement
      changes: {to: plan, max_rounds: 5}
      rejected: dropped
  - key: implement
    stage: Build
    kind: work
    role: builder
    prompt: |
      Build it as agreed. Commit. Plan: {{steps.plan.metadata.plan}}
    on: {done: test}
  - key: test
    stage: Test
    kind: check
    use: verify_command
    on:
      passed: review
      failed: {to: fix, max_rounds: 4}
  - key: review
    stage: Review
    kind: work
    role: reviewer
    workspace: read-only
    session: new
    prompt: |
      Review the branch against each of these: {{steps.plan.metadata.acceptance}}
    verdicts: [accept, changes]
    metadata:
      type: object
      required: [findings]
      properties:
        findings: {type: array, items: {type: object, required: [file, what]}}
    on:
      accept: sign_off
      changes: {to: fix, max_rounds: 3}
  - key: fix
    stage: Build
    kind: work
    role: builder
    session: resume implement
    prompt: |
      Fix the findings of the last check or review.
    on: {done: test}
  - key: sign_off
    stage: Review
    kind: approve
    question: Merge it?
    on:
      approved: merge
      changes: {to: fix, max_rounds: 5}
      rejected: dropped
  - key: merge
    stage: Merge
    kind: merge
    verify: true
    on:
      merged: shipped
      conflict: {to: untangle, max_rounds: 2}
      check_failed: {to: fix, max_rounds: 2}
  - key: untangle
    stage: Merge
    kind: work
    role: builder
    session: resume implement
    prompt: |
      Merge the base branch into yours and resolve these conflicts: {{steps.merge.metadata.files}}
    on: {done: test}
  - {key: shipped, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: cancelled}
`
