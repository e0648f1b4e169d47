import { describe, expect, it } from 'vitest'
import { BUILTIN } from './library.ts'
import { readWorkflowFile } from './read-file.ts'
import { SMALL } from './test-definition.ts'

/** @returns the mistakes in a file, as `line:column message` */
function mistakes(text: string): string[] {
  return readWorkflowFile(text).problems.map(({ column, line, message }) => `${line}:${column} ${message}`)
}

/** The small workflow with one change. */
function changed(from: string, to: string): string {
  if (!SMALL.includes(from)) throw new Error(`the file has no “${from}”`)
  return SMALL.replace(from, to)
}

it('reads every workflow that ships', () => {
  for (const text of BUILTIN) expect(mistakes(text)).toEqual([])
})

it('gives two files that differ in form and comments only the same digest', () => {
  const other = `# a comment\n${SMALL.replace('on: {done: test}', 'on:\n      done: test')}`
  expect(readWorkflowFile(other).digest).toBe(readWorkflowFile(SMALL).digest)
  expect(readWorkflowFile(changed('Mend it.', 'Mend it')).digest).not.toBe(readWorkflowFile(SMALL).digest)
})

describe('refuses, with its line,', () => {
  const ROWS: [string, string, string, string][] = [
    ['a loop without a limit', '{to: fix, max_rounds: 2}', 'fix', '17:7 steps[1].on.failed: this leads back'],
    [
      'a step that does not exist',
      'passed: sign_off',
      'passed: nowhere',
      '16:7 steps[1].on.passed: there is no step “nowhere”',
    ],
    ['an unknown key', 'prompt: Build it.', 'promt: Build it.', '10:5 steps[0].promt: unknown key'],
    ['an unknown key at the top', 'title: Small', 'title: Small\nlimit: 1', '4:1 limit: unknown key'],
    [
      'a role that does not exist',
      'role: builder\n    prompt: Mend',
      'role: mender\n    prompt: Mend',
      '20:5 steps[2].role: there is no role “mender”',
    ],
    [
      'a reference that does not exist',
      'Mend it.',
      'Mend {{steps.tests.summary}}.',
      '21:5 steps[2].prompt: there is no step “tests”',
    ],
    [
      'an input that does not exist',
      'Mend it.',
      'Mend {{inputs.goal}}.',
      '21:5 steps[2].prompt: there is no input “goal”',
    ],
    [
      'a verdict without a way',
      'failed: {to: fix, max_rounds: 2}',
      '',
      '15:5 steps[1].on: no step follows the verdict “failed”',
    ],
    [
      'a verdict that the step does not have',
      'passed: sign_off',
      'passed: sign_off\n      maybe: fix',
      '17:7 steps[1].on.maybe: “test” has no verdict “maybe”',
    ],
    ['a duplicate key', 'title: Small', 'title: Small\ntitle: Other', '4:1 Map keys must be unique'],
    ['two steps of one key', 'key: fix', 'key: build', '18:5 steps[2].key: there is another step “build”'],
    [
      'a step that nothing leads to',
      '- {key: dropped',
      '- {key: lost, kind: end, state: failed}\n  - {key: dropped',
      'steps[5].key: no way leads to “lost”',
    ],
    [
      'max_rounds on a way outside of any loop',
      'on: {done: test}',
      'on: {done: {to: test, max_rounds: 2}}',
      'max_rounds has no effect: “test” never leads back to “build”',
    ],
    [
      'a reference that is empty on some way',
      'Build it.',
      'Build {{steps.fix.summary}}.',
      'some way leads to “build” without a valid visit of “fix”',
    ],
    [
      'a check without a command',
      'run: "true"\n',
      '\n',
      'steps[1]: a check has either “run” or “use: verify_command”',
    ],
    [
      'a role that nothing uses',
      'capability: worker}',
      'capability: worker}\n  judge: {}',
      '6:3 roles.judge: no step uses the role “judge”',
    ],
    ['a number with a tab before it', '  - key: build', '\t- key: build', ''],
    ['a second document', 'title: Small', 'title: Small\n---\nname: other', ''],
    ['another version of the format', 'runboard: 1', 'runboard: 2', '1:1 runboard: runboard must be 1'],
    [
      'a session of a step that no way has been at before',
      'prompt: Build it.',
      'prompt: Build it.\n    session: resume build',
      '11:5 steps[0].session: no way leads from “build” to “build”, so there is nothing to resume',
    ],
    [
      'a session of a step that does not exist',
      'prompt: Mend it.',
      'prompt: Mend it.\n    session: resume bild',
      '22:5 steps[2].session: there is no step “bild”',
    ],
    [
      'a session of a step that has none',
      'prompt: Mend it.',
      'prompt: Mend it.\n    session: resume test',
      '22:5 steps[2].session: “test” is not a work step: it has no session',
    ],
    [
      'a session of another role',
      'role: builder\n    prompt: Mend it.',
      'profile: mender\n    session: resume build\n    prompt: Mend it.',
      '21:5 steps[2].session: “build” is done by another role: its session is not for this step',
    ],
    [
      'a session in other words',
      'prompt: Mend it.',
      'prompt: Mend it.\n    session: build',
      '22:5 steps[2].session: session is “new” or “resume STEP”',
    ],
    [
      'a reference in a title, which nothing fills in',
      'title: Small',
      'title: Small {{steps.build.summary}}',
      '3:1 title: {{steps.build.summary}} is not filled in here',
    ],
    [
      'a reference in a command, and names the variable',
      'run: "true"',
      'run: "echo {{steps.build.summary}} {{.Names}} {{inputs.other}}"',
      'steps[1].run: {{steps.build.summary}} is not filled in in a command: its value is in the environment, as $RUNBOARD_STEP_BUILD_SUMMARY',
    ],
  ]
  it.each(ROWS)('%s', (_, from, to, expected) => {
    const found = mistakes(changed(from, to))
    expect(found.join('\n')).toContain(expected)
    expect(found).not.toEqual([])
  })

  it('a file that is too large', () => {
    expect(mistakes(`${SMALL}#${'x'.repeat(256 * 1024)}`)).toEqual(['1:1 the file is larger than 256 KB'])
  })

  it('too many aliases', () => {
    const many = Array.from({ length: 25 }, () => '*a').join(', ')
    expect(mistakes(`x: &a 1\ny: [${many}]\n`).join()).toContain('more than 20 aliases')
  })

  it('aliases of aliases', () => {
    const level = (name: string, of: string) =>
      `${name}: &${name} [${Array.from({ length: 6 }, () => `*${of}`).join(', ')}]`
    const text = ['a: &a [1]', level('b', 'a'), level('c', 'b'), level('d', 'c')].join('\n')
    expect(mistakes(text).join()).toContain('Excessive alias count')
  })

  it('a decision that leads back', () => {
    const text = changed(
      'failed: {to: fix, max_rounds: 2}',
      'failed: way\n  - {key: way, kind: decide, rules: [{verdict: a, when: {exists: steps.test.verdict}}], otherwise: b, on: {a: fix, b: {to: build, max_rounds: 1}}}',
    )
    expect(mistakes(text).join()).toContain('a decision cannot lead back')
  })

  it('a field that a merge hands over with another verdict', () => {
    const text = changed('passed: sign_off', 'passed: take').replace(
      '  - key: sign_off',
      '  - {key: take, kind: merge, on: {merged: sign_off, conflict: {to: fix, max_rounds: 1}}}\n  - key: sign_off',
    )
    expect(mistakes(text.replace('question: Good?', 'question: "{{steps.take.metadata.commit}}?"'))).toEqual(
      [],
    )
    expect(
      mistakes(text.replace('question: Good?', 'question: "{{steps.take.metadata.files}}?"')).join(),
    ).toContain('without a valid visit of “take”')
  })

  it('metadata that is not a JSON Schema', () => {
    const text = changed(
      'prompt: Mend it.',
      'prompt: Mend it.\n    metadata: {type: object, properties: {a: {type: nothing}}}',
    )
    expect(mistakes(text).join()).toContain('22:5 steps[2].metadata: not a valid JSON Schema')
  })
})

it('refuses a reference that is empty after a person sends the card back', () => {
  expect(mistakes(changed('Mend it.', 'Mend {{steps.test.summary}}.')).join()).toContain(
    'some way leads to “fix” without a valid visit of “test”',
  )
})
