import { describe, expect, it } from 'vitest'
import { ASKED } from '../testing/asking.ts'
import { readWorkflowFile } from './read-file.ts'

function mistakes(text: string): string[] {
  return readWorkflowFile(text).problems.map(({ column, line, message }) => `${line}:${column} ${message}`)
}

function changed(from: string, to: string): string {
  if (!ASKED.includes(from)) throw new Error(`there is no ${from}`)
  return ASKED.replace(from, to)
}

it('reads a form and an editable list', () => {
  expect(mistakes(ASKED)).toEqual([])
})

describe('an approve step is refused with its line for', () => {
  const ROWS: [string, string, string, string][] = [
    [
      'a form that is not an object',
      'form:\n      type: object',
      'form:\n      type: string',
      '29:5 steps[1].form: form must have “type: object”',
    ],
    [
      'a form without fields',
      '      required: [version]\n      properties:',
      '      required: []\n      "x-properties":',
      '29:5 steps[1].form: form has no properties',
    ],
    [
      'a required field that is not there',
      'required: [version]',
      'required: [version, edition]',
      '31:7 steps[1].form.required: there is no property “edition”',
    ],
    [
      'a field that no reference can name',
      'urgent: {type: boolean, default: false}',
      '"how urgent": {type: boolean}',
      'no reference can name this property',
    ],
    [
      'a field with the name of the list',
      'urgent: {type: boolean, default: false}',
      'parts: {type: boolean}',
      '“parts” is handed over already',
    ],
    [
      'a default that does not fit',
      'urgent: {type: boolean, default: false}',
      'urgent: {type: boolean, default: often}',
      'steps[1].form.properties.urgent.default: the default',
    ],
    [
      'a default that refers to nothing',
      '{{inputs.version}}',
      '{{inputs.edition}}',
      'steps[1].form.properties.version.default: there is no input “edition”',
    ],
    [
      'a type that does not exist',
      'urgent: {type: boolean, default: false}',
      'urgent: {type: truth}',
      'not a valid JSON Schema',
    ],
    [
      'a list of a step that is not there',
      'edit: steps.plan.metadata.parts',
      'edit: steps.pla.metadata.parts',
      '28:5 steps[1].edit: there is no step “pla”',
    ],
    [
      'a list that is not stated',
      'edit: steps.plan.metadata.parts',
      'edit: steps.plan.metadata.pieces',
      '28:5 steps[1].edit: the metadata of “plan” has no property “pieces”',
    ],
    [
      'a list that is none',
      'edit: steps.plan.metadata.parts',
      'edit: steps.plan.metadata.why',
      '28:5 steps[1].edit: “steps.plan.metadata.why” is not a list',
    ],
    [
      'a list of an input',
      'edit: steps.plan.metadata.parts',
      'edit: inputs.version',
      '28:5 steps[1].edit: expected steps.KEY.metadata.NAME of an earlier step',
    ],
    [
      'a list of a later step',
      'edit: steps.plan.metadata.parts',
      'edit: steps.agree.metadata.parts',
      'some way leads to “agree” without a valid visit of “agree”',
    ],
    [
      'a field that later steps read and the form lacks',
      'steps.agree.metadata.version, "1"',
      'steps.agree.metadata.edition, "1"',
      '“agree” hands over version, urgent, remark, parts',
    ],
    [
      'a field that may be missing',
      'Build {{steps.agree.metadata.version}}',
      'Build {{steps.agree.metadata.remark}}',
      '“remark” may be missing from the form of “agree”',
    ],
    [
      'a value that comes only with an approval',
      '      rejected: dropped',
      '      rejected: small',
      'some way leads to “small” without a valid visit of “agree”',
    ],
  ]
  it.each(ROWS)('%s', (_name, from, to, message) => {
    expect(mistakes(changed(from, to)).join('\n')).toContain(message)
  })

  it('two questions that edit each other’s list', () => {
    const other = `  - key: other
    kind: approve
    question: And now?
    edit: steps.agree.metadata.parts
    on: {approved: way}
  - key: way`
    const text = changed('  - key: way', other).replace('edit: steps.plan.', 'edit: steps.other.')
    expect(mistakes(text.replace('approved: way', 'approved: other')).join('\n')).toContain(
      'some way leads to “agree” without a valid visit of “other”',
    )
  })
})
