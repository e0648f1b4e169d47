import { describe, expect, it } from 'vitest'
import { MAPPED } from '../testing/mapping.ts'
import { commandsOf } from './library.ts'
import { problemsHere, readWorkflowFile } from './read-file.ts'

function mistakes(text: string): string[] {
  return readWorkflowFile(text).problems.map(({ column, line, message }) => `${line}:${column} ${message}`)
}

function changed(from: string, to: string): string {
  if (!MAPPED.includes(from)) throw new Error(`the file has no “${from}”`)
  return MAPPED.replace(from, to)
}

it('reads a map over a list of an earlier step', () => {
  expect(mistakes(MAPPED)).toEqual([])
})

describe('a map step is refused with its line for', () => {
  const ROWS: [string, string, string, string][] = [
    [
      'an unknown key',
      '    item_key: key',
      '    folder: "{{item.repo}}"\n    item_key: key',
      '24:5 steps[1].folder: unknown key',
    ],
    [
      'a verdict without a way',
      ', some_failed: {to: plan, max_rounds: 2}',
      '',
      '28:5 steps[1].on: no step follows the verdict “some_failed”',
    ],
    [
      'a loop without a limit',
      '{to: plan, max_rounds: 2}',
      'plan',
      'steps[1].on.some_failed: this leads back to “parts” without a limit',
    ],
    [
      'a reference that cannot be a list',
      'over: steps.plan.metadata.parts',
      'over: steps.plan.summary',
      '23:5 steps[1].over: expected inputs.NAME, or steps.KEY.metadata.NAME',
    ],
    [
      'a property that is not an array',
      'type: array\n          items:',
      'type: object\n          items:',
      '“steps.plan.metadata.parts” is not a list: its JSON Schema must have “type: array”',
    ],
    [
      'a list that does not exist',
      'over: steps.plan.metadata.parts',
      'over: steps.plan.metadata.pieces',
      '23:5 steps[1].over: the metadata of “plan” has no property “pieces”',
    ],
    [
      'a list that may be missing',
      'required: [parts]',
      'required: []',
      '23:5 steps[1].over: “parts” may be missing',
    ],
    [
      'a step that does not exist',
      'over: steps.plan.metadata.parts',
      'over: steps.pla.metadata.parts',
      '23:5 steps[1].over: there is no step “pla”',
    ],
    [
      'a list of a later step',
      'over: steps.plan.metadata.parts',
      'over: steps.parts.metadata.items',
      'steps[1].over: some way leads to “parts” without a valid visit of “parts”',
    ],
    [
      'a key field that does not exist',
      'item_key: key',
      'item_key: name',
      '24:5 steps[1].item_key: the items have no field “name”',
    ],
    [
      'a key field that may be missing',
      'required: [key, what]',
      'required: [what]',
      '24:5 steps[1].item_key: “key” may be missing from an item',
    ],
    [
      'an order of items without keys',
      '    item_key: key\n',
      '',
      '24:5 steps[1].after: “after” names items by their keys',
    ],
    [
      'an order by a field that does not exist',
      'after: after',
      'after: before',
      '25:5 steps[1].after: the items have no field “before”',
    ],
    [
      'a field of the items that does not exist',
      '{{item.what}}',
      '{{item.why}}',
      '26:28 steps[1].do.prompt: the items have no field “why”',
    ],
    [
      'a reference to the item outside of a map step',
      '"Report on {{steps.parts.metadata.items}}"',
      '"{{item}}"',
      'steps[2].prompt: “item” can be used only in “do”, “with” and “project” of a map step',
    ],
    [
      'a result that does not exist',
      'steps.parts.metadata.items',
      'steps.parts.metadata.all',
      'steps[2].prompt: “parts” hands over items, succeeded, failed, let_go',
    ],
    [
      'work without a role or a profile',
      '{profile: builder, prompt',
      '{prompt',
      '26:5 steps[1].do: name either a role or a profile for the work',
    ],
    [
      'a role that does not exist',
      '{profile: builder, prompt',
      '{role: builder, prompt',
      '26:10 steps[1].do.role: there is no role “builder”',
    ],
    [
      'verdicts for a single item',
      '{profile: builder,',
      '{verdicts: [a], profile: builder,',
      '26:10 steps[1].do.verdicts: unknown key',
    ],
    [
      'values without a workflow',
      '    max_parallel: 2',
      '    with: {goal: x}\n    max_parallel: 2',
      '27:5 steps[1].with: with has no effect',
    ],
    [
      'a workflow that runs itself',
      'do: {profile: builder, prompt: "Build {{item.what}}"}',
      'do: mapped',
      '26:5 steps[1].do: a workflow cannot run itself',
    ],
    [
      'a limit that limits nothing',
      'max_parallel: 2',
      'max_parallel: 100',
      '27:5 steps[1].max_parallel: max_parallel has no effect',
    ],
    ['an unknown rule for joining', 'max_parallel: 2', 'join: first', '27:5 steps[1].join: '],
    [
      'an empty list that leads back',
      'empty: nothing',
      'empty: {to: plan, max_rounds: 1}',
      'steps[1].on.empty: an empty list cannot lead back',
    ],
    [
      'an empty list that may lead back',
      '{succeeded: report, some_failed: {to: plan, max_rounds: 2}, empty: nothing}',
      '{succeeded: {to: plan, max_rounds: 2}, some_failed: report}',
      'steps[1].on.succeeded: an empty list cannot lead back',
    ],
    [
      'a check between branches where there are none',
      '    max_parallel: 2',
      '    verify: true\n    max_parallel: 2',
      '27:5 steps[1].verify: verify has no effect: the workspace is scratch, so items have no branches',
    ],
    [
      'a check between branches that is not to be run',
      '    max_parallel: 2',
      '    verify: false\n    max_parallel: 2',
      '27:5 steps[1].verify: verify is true or left out',
    ],
    [
      'metadata without an object',
      'prompt: "Build {{item.what}}"',
      'prompt: Build it, metadata: {type: array}',
      'steps[1].do.metadata: metadata must have “type: object”',
    ],
  ]
  it.each(ROWS)('%s', (_, from, to, expected) => {
    expect(mistakes(changed(from, to)).join('\n')).toContain(expected)
  })

  it('items that are texts and have no fields', () => {
    const text = changed('over: steps.plan.metadata.parts', 'over: inputs.names').replace(
      'steps:',
      'inputs: {names: {type: list, required: true}}\nsteps:',
    )
    expect(mistakes(text)).toEqual([
      '25:5 steps[1].item_key: the items are texts and have no “key”',
      '26:5 steps[1].after: the items are texts and have no “after”',
      '27:28 steps[1].do.prompt: the items are texts and have no “what”',
    ])
    expect(mistakes(text.replace('type: list', 'type: string')).join()).toContain(
      'the input “names” is not a list',
    )
  })
})

describe('items of a worktree', () => {
  const inWorktree = MAPPED.replace('workspace: scratch', 'workspace: worktree')
  const verified = inWorktree.replace('    max_parallel: 2', '    verify: true\n    max_parallel: 2')

  it('may write, with a check between their branches', () => {
    expect(mistakes(inWorktree)).toEqual([])
    expect(mistakes(verified)).toEqual([])
  })

  it('that only read need no check between', () => {
    const reading = verified.replace('{profile: builder,', '{workspace: read-only, profile: builder,')
    expect(mistakes(reading)).toEqual(['27:5 steps[1].verify: verify has no effect: the items only read'])
  })

  it('are joined by a merge step when a person chooses one of them', () => {
    const chosen = (text: string, of = 'pick') =>
      text.replace('succeeded: report', 'succeeded: pick').replace(
        '  - key: report',
        `  - {key: pick, kind: approve, question: Which?, choose: parts, on: {approved: take, rejected: nothing}}
  - {key: take, kind: merge, of: ${of}, on: {merged: report, conflict: nothing}}
  - key: report`,
      )
    expect(mistakes(chosen(inWorktree))).toEqual([])
    expect(mistakes(chosen(verified))).toEqual([
      '27:5 steps[1].verify: verify has no effect: a person chooses one of the items; give “verify” to the merge step that joins it',
    ])
    expect(mistakes(chosen(inWorktree, 'plan')).join()).toContain(
      'steps[3].of: “plan” is not an approve step with “choose”',
    )
  })
})

describe('once and fresh', () => {
  const LOOP = `runboard: 1
name: loop
title: Loop
workspace: worktree
steps:
  - {key: make, kind: work, profile: maker, workspace: fresh, prompt: Make it., on: {done: test}}
  - key: test
    kind: check
    run: "true"
    once: true
    on: {passed: over, failed: {to: make, max_rounds: 2}}
  - {key: over, kind: end, state: succeeded}
`

  it('are read', () => {
    expect(mistakes(LOOP)).toEqual([])
  })

  it.each([
    [
      'a check without a loop',
      '{to: make, max_rounds: 2}',
      'over',
      '10:5 steps[1].once: once has no effect: no way leads to “test” again',
    ],
    [
      'a check that leads back when it passes',
      'passed: over',
      'passed: {to: make, max_rounds: 1}',
      '10:5 steps[1].once: a check that is not run again cannot lead back',
    ],
    [
      'a check that never passes',
      'once: true\n    on: {passed: over',
      'once: true\n    verdicts: [good, failed]\n    on: {good: over',
      '10:5 steps[1].once: once needs the verdict “passed”',
    ],
    ['false', 'once: true', 'once: false', '10:5 steps[1].once: once is true or left out'],
    [
      'a fresh worktree of a scratch folder',
      'workspace: worktree',
      'workspace: scratch',
      '6:45 steps[0].workspace: a fresh worktree needs “workspace: worktree”',
    ],
  ])('%s is refused with its line', (_, from, to, expected) => {
    expect(LOOP).toContain(from)
    expect(mistakes(LOOP.replace(from, to)).join('\n')).toContain(expected)
  })
})

describe('a choice among items', () => {
  const chosen = (key: string, prompt: string) =>
    changed('succeeded: report', 'succeeded: pick')
      .replace(
        '  - key: report',
        `  - {key: pick, kind: approve, question: Which?, choose: ${key}, on: {approved: report, rejected: nothing}}\n  - key: report`,
      )
      .replace('{{steps.parts.metadata.items}}', prompt)

  it('names the item to later steps', () => {
    expect(mistakes(chosen('parts', '{{steps.pick.metadata.item}}: {{steps.pick.metadata.result}}'))).toEqual(
      [],
    )
  })

  it('is refused for a step without items, and for metadata that it does not hand over', () => {
    expect(mistakes(chosen('plan', 'it')).join()).toContain('“plan” is not a map step')
    expect(mistakes(chosen('parts', '{{steps.pick.metadata.all}}')).join()).toContain(
      '“pick” hands over item, result',
    )
  })
})

describe('the project of items', () => {
  const FILE = `runboard: 1
name: everywhere
title: Everywhere
inputs: {folders: {type: list, required: true}}
steps:
  - key: plan
    kind: work
    profile: planner
    prompt: Which?
    metadata:
      type: object
      required: [parts]
      properties:
        parts: {type: array, items: {type: object, required: [folder], properties: {folder: {type: string}}}}
    on: {done: agree}
  - {key: agree, kind: approve, question: These?, edit: steps.plan.metadata.parts, on: {approved: change}}
  - key: change
    kind: map
    over: inputs.folders
    project: "{{item}}"
    do: {profile: builder, prompt: "Change {{item}}"}
    on: {succeeded: pick, some_failed: over}
  - {key: pick, kind: approve, question: Which?, choose: change, on: {approved: over}}
  - {key: over, kind: end, state: succeeded}
`
  const changedTo = (from: string, to: string) => {
    expect(FILE).toContain(from)
    return mistakes(FILE.replace(from, to))
  }

  it('comes from an input, from the file, or from the answer to a question', () => {
    expect(mistakes(FILE)).toEqual([])
    expect(changedTo('"{{item}}"', '/srv/{{item}}')).toEqual([])
    const edited = FILE.replace('over: inputs.folders', 'over: steps.agree.metadata.parts')
      .replace('project: "{{item}}"', 'project: "{{item.folder}}"')
      .replace('Change {{item}}', 'Change {{item.folder}} of {{inputs.folders}}')
    expect(mistakes(edited)).toEqual([])
  })

  it.each([
    [
      'a relative path',
      '"{{item}}"',
      'apps/{{item}}',
      '20:5 steps[2].project: “apps/{{item}}” is not an abs',
    ],
    [
      'an unknown input',
      '"{{item}}"',
      '"{{inputs.where}}"',
      '20:5 steps[2].project: there is no input “where”',
    ],
    [
      'a field that texts do not have',
      '"{{item}}"',
      '"{{item.at}}"',
      '20:5 steps[2].project: the items are texts',
    ],
    [
      'a value from a worker',
      '"{{item}}"',
      '"{{steps.plan.summary}}"',
      '20:5 steps[2].project: this comes from a worker, and the folder that others work in is for a person to choose',
    ],
    [
      'an item from a worker',
      'over: inputs.folders',
      'over: steps.plan.metadata.parts',
      '20:5 steps[2].project: this comes from a worker',
    ],
    [
      'a check between branches that are not joined',
      '    do: {',
      '    verify: true\n    do: {',
      'verify has no effect: the items work in projects of their own',
    ],
    [
      'a merge of the item that was chosen',
      'on: {approved: over}}\n',
      'on: {approved: take}}\n  - {key: take, kind: merge, of: pick, on: {merged: over, conflict: over}}\n',
      'steps[4].of: the items of “change” work in projects of their own, and branches there cannot be joined',
    ],
  ])('%s is refused with its line', (_, from, to, expected) => {
    expect(changedTo(from, to).join('\n')).toContain(expected)
  })

  it('must be a folder of this machine when it stands in the file', () => {
    const missing = FILE.replace('"{{item}}"', '/nowhere/at/all')
    const { definition } = readWorkflowFile(missing)
    expect(definition === null ? null : problemsHere(missing, definition)).toEqual([
      {
        line: 20,
        column: 5,
        message: 'steps[2].project: The project folder /nowhere/at/all does not exist, or cannot be reached',
      },
    ])
  })

  it('is listed with what the file runs', () => {
    const { definition } = readWorkflowFile(FILE)
    const runs = definition === null ? [] : commandsOf(definition).map((one) => one.runs)
    expect(runs).toContain('for each item in the project {{item}}: builder: Change {{item}}')
  })
})

describe('what a file runs', () => {
  /** A workflow whose two map steps run another one for their items. */
  const mapping = (name: string, part: string) => {
    const { definition } = readWorkflowFile(`runboard: 1
name: ${name}
title: Mapping
workspace: scratch
inputs: {list: {type: list, required: true}}
steps:
  - {key: one, kind: map, over: inputs.list, do: ${part}, on: {succeeded: two, some_failed: partly}}
  - {key: two, kind: map, over: inputs.list, do: ${part}, on: {succeeded: over, some_failed: partly}}
  - {key: over, kind: end, state: succeeded}
  - {key: partly, kind: end, state: failed}
`)
    if (definition === null) throw new Error(`the file of ${name} has mistakes`)
    return definition
  }

  it('has the steps of each workflow of items once, also of one that leads back', () => {
    const parts = new Map([
      ['second', mapping('second', 'third')],
      ['third', mapping('third', 'first')],
    ])
    const commands = commandsOf(mapping('first', 'second'), (name) => parts.get(name) ?? null)
    expect(commands.map(({ step }) => step)).toEqual([
      'one',
      'one › one',
      'one › one › one',
      'one › one › two',
      'one › two',
      'two',
    ])
  })
})
