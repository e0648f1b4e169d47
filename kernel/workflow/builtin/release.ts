/** Checks, notes, a version that a person confirms, one build, a smoke test, and the merge. */
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
      This release cannot continue: its checks, its build or its smoke test failed, or its work conflicts with the branch that
      it is to be merged into. Below is what happened. Put that right, and commit.
    on: {done: checks}
  - key: notes
    stage: Write
    kind: work
    role: writer
    workspace: read-only
    prompt: |
      Write the release notes of version {{inputs.version}} from the commits since the last release. Change nothing. If these
      commits call for another version by the rules of the project, name that one and say why in the summary.
    metadata:
      type: object
      required: [version, notes]
      properties:
        version: {type: string, minLength: 1}
        notes: {type: string, minLength: 1}
    on: {done: confirm}
  - key: confirm
    stage: Confirm
    kind: approve
    question: Release this version with these notes?
    show: [steps.notes.summary]
    form:
      type: object
      required: [version, notes]
      properties:
        version: {type: string, title: Version, minLength: 1, maxLength: 100, default: "{{steps.notes.metadata.version}}"}
        notes: {type: string, title: Release notes, format: textarea, minLength: 1, default: "{{steps.notes.metadata.notes}}"}
    on:
      approved: prepare
      changes: {to: notes, max_rounds: 5}
      rejected: dropped
  - key: prepare
    stage: Build
    kind: work
    role: writer
    prompt: |
      Set the version {{steps.confirm.metadata.version}} where the project states it, add these notes where it keeps its
      release notes, and commit:

      {{steps.confirm.metadata.notes}}
    on: {done: build}
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
