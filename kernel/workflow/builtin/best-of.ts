/** The same task for several profiles, a judge, and a person who chooses. */
export const BEST_OF = `runboard: 1
name: best-of
title: Best of several
inputs:
  task: {type: text, required: true}
  profiles: {type: list, required: true}
roles:
  judge: {capability: reviewer}
workspace: scratch
steps:
  - key: attempts
    stage: Try
    kind: map
    over: inputs.profiles
    do:
      profile: "{{item}}"
      prompt: |
        {{inputs.task}}

        Other workers do the same task, and the best answer is chosen by its report. Hand over your answer, or where it is, as
        the summary.
    max_items: 10
    on: {succeeded: compare, some_failed: compare, empty: dropped}
  - key: compare
    stage: Judge
    kind: work
    role: judge
    prompt: |
      Which of these is the best answer to: {{inputs.task}}
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
      approved: chosen
      changes: {to: attempts, max_rounds: 2}
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
