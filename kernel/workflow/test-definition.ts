import { BUILTIN } from './library.ts'
import { readWorkflowFile } from './read-file.ts'
import type { WorkflowDefinition } from '../../contract/workflow-file.ts'

/** @returns the definition in a file that must have no mistakes */
export function definitionIn(text: string): WorkflowDefinition {
  const { definition, problems } = readWorkflowFile(text)
  if (definition === null) throw new Error(JSON.stringify(problems))
  return definition
}

/** @returns a workflow that ships */
export function builtin(name: string): WorkflowDefinition {
  const found = BUILTIN.map(definitionIn).find((definition) => definition.name === name)
  if (found === undefined) throw new Error(`no workflow ${name} ships`)
  return found
}

/** Builds and checks, with at most two rounds of fixes; then a person signs off. */
export const SMALL = `runboard: 1
name: small
title: Small
roles:
  builder: {capability: worker}
steps:
  - key: build
    kind: work
    role: builder
    prompt: Build it.
    on: {done: test}
  - key: test
    kind: check
    run: "true"
    on:
      passed: sign_off
      failed: {to: fix, max_rounds: 2}
  - key: fix
    kind: work
    role: builder
    prompt: Mend it.
    on: {done: test}
  - key: sign_off
    kind: approve
    question: Good?
    on:
      approved: over
      changes: {to: fix, max_rounds: 3}
      rejected: dropped
  - {key: over, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: cancelled}
`
