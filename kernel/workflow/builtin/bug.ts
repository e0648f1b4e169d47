/** Show the bug with a failing test, then fix it; a report that is not a bug gets an answer instead. */
export const BUG = `runboard: 1
name: bug
title: Fix a bug
inputs:
  report: {type: text, required: true, title: What goes wrong}
roles:
  builder: {capability: worker}
  reviewer: {capability: reviewer, not_same_as: builder}
workspace: worktree
limits: {max_runtime_hours: 12}
steps:
  - key: reproduce
    stage: Reproduce
    kind: work
    role: builder
    prompt: |
      Write a test that fails because of this bug, and commit it. Do not fix the bug yet.
      {{inputs.report}}
    verdicts: [real, not_a_bug, needs_info]
    metadata:
      type: object
      required: [finding]
      properties:
        finding: {type: string}
        test: {type: string}
    on:
      real: mend
      not_a_bug: answer
      needs_info: ask
  - key: ask
    stage: Reproduce
    kind: approve
    question: The worker needs more information to reproduce the bug. Add it to the card and continue?
    show: [steps.reproduce.metadata.finding]
    on:
      approved: {to: reproduce, max_rounds: 5}
      rejected: dropped
  - key: mend
    stage: Build
    kind: work
    role: builder
    prompt: |
      Fix the bug so that its test passes, and commit. The finding: {{steps.reproduce.metadata.finding}}
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
    prompt: |
      Review the branch. Does its test fail without the fix, and does the fix cover every case of this kind?
      The bug: {{inputs.report}}
    verdicts: [accept, changes]
    metadata:
      type: object
      required: [findings]
      properties:
        findings: {type: array, items: {type: object, required: [file, what]}}
    on:
      accept: merge
      changes: {to: fix, max_rounds: 3}
  - key: fix
    stage: Build
    kind: work
    role: builder
    session: resume mend
    prompt: |
      Fix the findings of the last check or review, and commit.
    on: {done: test}
  - key: merge
    stage: Merge
    kind: merge
    verify: true
    on:
      merged: mended
      conflict: {to: fix, max_rounds: 2}
      check_failed: {to: fix, max_rounds: 2}
  - key: answer
    stage: Review
    kind: approve
    question: The worker says that this is not a bug. Close it with this answer?
    show: [steps.reproduce.metadata.finding]
    on:
      approved: answered
      changes: {to: reproduce, max_rounds: 3}
  - {key: mended, kind: end, state: succeeded}
  - {key: answered, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: cancelled}
`
