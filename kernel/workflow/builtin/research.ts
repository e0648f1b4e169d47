/** Questions that a person edits, reading, a sceptic who finds gaps, a report, sign-off. */
export const RESEARCH = `runboard: 1
name: research
title: Research a question
inputs:
  question: {type: text, required: true}
roles:
  reader: {capability: worker}
  sceptic: {capability: reviewer, not_same_as: reader}
steps:
  - key: outline
    stage: Plan
    kind: work
    role: reader
    prompt: |
      Which smaller questions must be answered to answer this one? {{inputs.question}}
    metadata:
      type: object
      required: [questions]
      properties:
        questions: {type: array, items: {type: string}, minItems: 1}
    on: {done: agree}
  - key: agree
    stage: Plan
    kind: approve
    question: Are these the right questions? Change them as you like.
    edit: steps.outline.metadata.questions
    on:
      approved: read
      changes: {to: outline, max_rounds: 5}
      rejected: dropped
  - key: read
    stage: Read
    kind: work
    role: reader
    prompt: |
      Answer each of these with its source:
      {{steps.agree.metadata.questions}}
    metadata:
      type: object
      required: [answers]
      properties:
        answers: {type: array, items: {type: object, required: [question, answer, source]}}
    on: {done: doubt}
  - key: doubt
    stage: Doubt
    kind: work
    role: sceptic
    prompt: |
      What is wrong, unproved or missing in these answers?
      {{steps.read.metadata.answers}}
    verdicts: [sound, gaps]
    metadata:
      type: object
      required: [gaps]
      properties:
        gaps: {type: array, items: {type: string}}
    on:
      sound: write
      gaps: {to: read, max_rounds: 2}
  - key: write
    stage: Write
    kind: work
    role: reader
    prompt: |
      Write the report that answers: {{inputs.question}}
      Hand it over as the summary.
    on: {done: sign_off}
  - key: sign_off
    stage: Write
    kind: approve
    question: Is the report good?
    show: [steps.write.summary]
    on:
      approved: reported
      changes: {to: write, max_rounds: 5}
      rejected: dropped
  - {key: reported, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: cancelled}
`
