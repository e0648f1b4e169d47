/** Checks, notes, a person's approval, one build, a smoke test, and the merge. */
export const RELEASE = `runboard: 1
name: release
title: Prepare a release
inputs:
  version: {type: string, required: true, title: Version}
  build: {type: string, required: true, title: Build command}
  smoke: {type: string, required: true, title: Smoke test command}
roles:
  writer: {capability: worker}
workspace: worktree
limits: {max_runtime_hours: 24}
steps:
  - key: checks
    stage: Check
    kind: check
    use: verify_command
    on:
      passed: notes
      failed: {to: mend, max_rounds: 3}
  - key: mend
    stage: Check
    kind: work
    role: writer
    prompt: |
      The checks of this release fail. Fix the failures, and commit.
    on: {done: checks}
  - key: notes
    stage: Write
    kind: work
    role: writer
    prompt: |
      Write the release notes of version {{inputs.version}} from the commits since the last release, set the version where
      the project states it, and commit. Hand the notes over in the metadata.
    metadata:
      type: object
      required: [notes]
      properties:
        notes: {type: string}
    on: {done: confirm}
  - key: confirm
    stage: Confirm
    kind: approve
    question: Release version {{inputs.version}} with these notes?
    show: [steps.notes.metadata.notes]
    on:
      approved: build
      changes: {to: notes, max_rounds: 5}
      rejected: dropped
  - key: build
    stage: Build
    kind: check
    run: sh -c "$RUNBOARD_INPUT_BUILD"
    timeout: 7200
    on:
      passed: smoke
      failed: {to: mend, max_rounds: 2}
  - key: smoke
    stage: Build
    kind: check
    run: sh -c "$RUNBOARD_INPUT_SMOKE"
    on:
      passed: merge
      failed: {to: mend, max_rounds: 2}
  - key: merge
    stage: Merge
    kind: merge
    on:
      merged: released
      conflict: {to: mend, max_rounds: 2}
  - {key: released, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: cancelled}
`
