/** Checks at night; what they find is mended and waits for a person in the morning. */
export const NIGHTLY = `runboard: 1
name: nightly
title: Check by night
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
    stage: Mend
    kind: work
    role: builder
    prompt: |
      The checks of the night fail. Find the cause, mend it, and commit.
    on: {done: again, gave_up: morning}
  - key: again
    stage: Mend
    kind: check
    use: verify_command
    timeout: 14400
    on:
      passed: morning
      failed: {to: mend, max_rounds: 3}
  - key: morning
    stage: Morning
    kind: approve
    question: The checks of the night failed. Merge the mend?
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
