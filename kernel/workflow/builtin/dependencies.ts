/** The dependencies of several repositories, each in a clone, and one report. */
export const DEPENDENCIES = `runboard: 1
name: dependencies
title: Update dependencies
inputs:
  repositories: {type: list, required: true, title: Repositories (folders or addresses)}
roles:
  updater: {capability: worker}
workspace: scratch
steps:
  - key: update
    stage: Update
    kind: map
    over: inputs.repositories
    do:
      role: updater
      prompt: |
        Clone this repository into the workspace: {{item}}
        Update its dependencies on a new branch, run its tests, and commit what passes. Push nothing.
        Report where the clone and the branch are, what was updated, and what was not, with the reason.
      metadata:
        type: object
        required: [updated, kept]
        properties:
          branch: {type: string}
          updated: {type: array, items: {type: string}}
          kept: {type: array, items: {type: string}}
      max_retries: 2
    max_parallel: 2
    max_items: 50
    on: {succeeded: report, some_failed: report, empty: nothing}
  - key: report
    stage: Report
    kind: work
    role: updater
    prompt: |
      Write one report about these repositories. Begin with those that need a person. Hand it over as the summary.
      {{steps.update.metadata.items}}
    on: {done: which}
  - key: which
    kind: decide
    rules:
      - verdict: all
        when: {equal: [steps.update.verdict, succeeded]}
    otherwise: some
    on: {all: updated, some: partly}
  - {key: updated, kind: end, state: succeeded}
  - {key: partly, kind: end, state: failed}
  - {key: nothing, kind: end, state: cancelled}
`
