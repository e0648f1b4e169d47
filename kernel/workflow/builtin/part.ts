/** One part of a larger piece of work: built, tested, reviewed and put right on a branch that others join. */
export const PART = `runboard: 1
name: part
title: Build one part
inputs:
  goal: {type: text, required: true}
roles:
  builder: {capability: worker}
  reviewer: {capability: reviewer, not_same_as: builder}
workspace: worktree
limits: {max_runtime_hours: 12}
steps:
  - key: implement
    stage: Build
    kind: work
    role: builder
    prompt: |
      Build this part and nothing else. Commit. {{inputs.goal}}
    on: {done: test}
  - key: test
    stage: Test
    kind: check
    use: verify_command
    once: true
    on:
      passed: review
      failed: {to: fix, max_rounds: 4}
  - key: review
    stage: Review
    kind: work
    role: reviewer
    workspace: read-only
    prompt: |
      Review what the branch does for this part, and nothing else: {{inputs.goal}}
    verdicts: [accept, changes]
    metadata:
      type: object
      required: [findings]
      properties:
        findings: {type: array, items: {type: object, required: [file, what]}}
    on:
      accept: built
      changes: {to: fix, max_rounds: 3}
  - key: fix
    stage: Build
    kind: work
    role: builder
    prompt: |
      Put right what the last check or review found.
    on: {done: test}
  - {key: built, kind: end, state: succeeded}
`
