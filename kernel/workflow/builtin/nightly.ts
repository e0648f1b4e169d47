/** Checks at night; a worker fixes failures, and the fix waits for a person in the morning. */
export const NIGHTLY = `runboard: 1
name: nightly
title: Nightly checks
roles:
  builder: {capability: worker}
workspace: worktree
limits: {max_runtime_hours: 10}
steps:
  - key: checks
    stage: Check
    kind: check
    use: verify_command
    timeout: 14400
    on:
      passed: quiet
      failed: mend
  - key: mend
    stage: Fix
    kind: work
    role: builder
    prompt: |
      The nightly checks fail. Find the cause, fix it, and commit.
    on: {done: again, gave_up: morning}
  - key: again
    stage: Fix
    kind: check
    use: verify_command
    timeout: 14400
    on:
      passed: morning
      failed: {to: mend, max_rounds: 3}
  - key: morning
    stage: Morning
    kind: approve
    question: The nightly checks failed. Merge the fix?
    on:
      approved: merge
      changes: {to: mend, max_rounds: 5}
      rejected: dropped
  - key: merge
    stage: Morning
    kind: merge
    on:
      merged: mended
      conflict: {to: mend, max_rounds: 2}
  - {key: quiet, kind: end, state: succeeded}
  - {key: mended, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: failed}
`
