/** The same task for several profiles, a judge, and a person who chooses; only the work that is chosen is merged. */
export const BEST_OF = `runboard: 1
name: best-of
title: Best of several
inputs:
  task: {type: text, required: true}
  profiles: {type: list, required: true}
roles:
  judge: {capability: reviewer}
workspace: worktree
steps:
  - key: attempts
    stage: Try
    kind: map
    over: inputs.profiles
    do:
      profile: "{{item}}"
      prompt: |
        {{inputs.task}}

        Other workers do the same task, each on a branch of its own, and a person chooses one. Commit. Say in the summary what
        you did and why.
    max_items: 10
    on: {succeeded: compare, some_failed: compare, empty: dropped}
  - key: compare
    stage: Judge
    kind: work
    role: judge
    workspace: read-only
    prompt: |
      Which of these is the best answer to: {{inputs.task}}
      Each has its work in its “commit”: “git diff HEAD...COMMIT” shows it.
      {{steps.attempts.metadata.items}}
    verdicts: [compared, none]
    metadata:
      type: object
      required: [best, why]
      properties:
        best: {type: string}
        why: {type: string}
    on: {compared: pick, none: ask}
  - key: pick
    stage: Judge
    kind: approve
    question: Which answer do you choose? The judge recommends {{steps.compare.metadata.best}}.
    show: [steps.compare.metadata.why, steps.attempts.metadata.items]
    choose: attempts
    on:
      approved: take
      changes: {to: attempts, max_rounds: 2}
      rejected: dropped
  - key: take
    stage: Merge
    kind: merge
    of: pick
    on: {merged: merge, conflict: settle}
  - key: merge
    stage: Merge
    kind: merge
    on:
      merged: chosen
      conflict: {to: settle, max_rounds: 3}
  - key: settle
    stage: Merge
    kind: work
    role: judge
    prompt: |
      What was chosen conflicts with other work. Merge what is missing into this branch, settle the conflicts, and commit.
    on: {done: look}
  - key: look
    stage: Merge
    kind: approve
    question: The conflicts are settled. Merge it?
    on:
      approved: merge
      rejected: dropped
  - key: ask
    stage: Judge
    kind: approve
    question: The judge finds no answer good enough. Try again?
    show: [steps.compare.metadata.why]
    on:
      approved: {to: attempts, max_rounds: 2}
      rejected: dropped
  - {key: chosen, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: cancelled}
`
