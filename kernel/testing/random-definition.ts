import fc from 'fast-check'

/** A workflow file with random steps and ways, and what a card needs to walk through it. */
export interface RandomDefinition {
  file: string
  inputs: Record<string, unknown>
  /** With a worktree, the items of a map have branches to join. */
  workspace: 'scratch' | 'worktree'
}

const KINDS = ['work', 'choice', 'approve', 'decide', 'map', 'parts'] as const
type Kind = (typeof KINDS)[number]

/** The verdicts of each kind of step. The first leads to the next step, so that every step is reached. */
const VERDICTS: Record<Kind, readonly string[]> = {
  work: ['done', 'blocked', 'gave_up'],
  choice: ['good', 'bad', 'odd'],
  approve: ['approved', 'changes', 'rejected'],
  decide: ['yes', 'no'],
  map: ['succeeded', 'some_failed', 'empty'],
  parts: ['succeeded', 'some_failed', 'empty'],
}

/** Verdicts that lead forward only: nobody gives them, or not for certain. */
const FORWARD = ['yes', 'no', 'empty']

interface Shape {
  kind: Kind
  /** Where each verdict leads, modulo the steps that it may lead to. */
  targets: number[]
  rounds: number
}

const shape: fc.Arbitrary<Shape> = fc.record({
  kind: fc.constantFrom(...KINDS, 'map', 'parts'),
  targets: fc.array(fc.nat({ max: 1000 }), { minLength: 3, maxLength: 3 }),
  rounds: fc.integer({ min: 1, max: 2 }),
})

export const randomDefinition: fc.Arbitrary<RandomDefinition> = fc
  .record({
    shapes: fc.array(shape, { minLength: 2, maxLength: 6 }),
    flag: fc.boolean(),
    parts: fc.constantFrom([], ['a'], ['a', 'b'], ['a', 'b'], ['a', 'b', 'c']),
    workspace: fc.constantFrom('scratch' as const, 'worktree' as const),
  })
  .map(({ flag, parts, shapes, workspace }) => {
    const has = (...kinds: Kind[]) => shapes.some(({ kind }) => kinds.includes(kind))
    const inputs = {
      ...(has('decide') && { flag: { type: 'bool', required: true } }),
      ...(has('map', 'parts') && { parts: { type: 'list', required: true } }),
    }
    const definition = {
      ...{ runboard: 1, name: 'random', title: 'Random', workspace, inputs },
      steps: [
        ...shapes.map((one, at) => ({
          key: `s${at}`,
          ...fieldsOf(one.kind),
          on: waysFrom(one, at, shapes.length),
        })),
        { key: 'over', kind: 'end', state: 'succeeded' },
        { key: 'dropped', kind: 'end', state: 'cancelled' },
      ],
    }
    const given = { flag, parts }
    return {
      // JSON is YAML too.
      file: JSON.stringify(definition, null, 1),
      inputs: Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(inputs, name))),
      workspace,
    }
  })

function fieldsOf(kind: Kind): Record<string, unknown> {
  switch (kind) {
    case 'work':
      return { kind: 'work', profile: 'builder', prompt: 'Build it.' }
    case 'choice':
      return { kind: 'work', profile: 'tester', prompt: 'Test it.', verdicts: VERDICTS.choice }
    case 'approve':
      return { kind: 'approve', question: 'Good?' }
    case 'decide':
      return {
        kind: 'decide',
        rules: [{ verdict: 'yes', when: { equal: ['inputs.flag', true] } }],
        otherwise: 'no',
      }
    case 'map':
      return { kind: 'map', over: 'inputs.parts', do: { profile: 'builder', prompt: 'Build {{item}}' } }
    case 'parts':
      return { kind: 'map', over: 'inputs.parts', do: 'part', with: { goal: '{{item}}' } }
  }
}

/** How often a verdict that may lead anywhere leads to an end. */
const ONE_IN = 6

/** The ways from the step at a place among `count`. A way back has a limit of rounds. */
function waysFrom({ kind, rounds, targets }: Shape, at: number, count: number): Record<string, unknown> {
  const names = [...Array.from({ length: count }, (_, n) => `s${n}`), 'over', 'dropped']
  const ways = VERDICTS[kind].map((verdict, n) => {
    if (n === 0) return [verdict, names[at + 1]]
    // Something has to lead to the second end.
    if (n === 1 && at === count - 1) return [verdict, 'dropped']
    const chosen = targets[n] ?? 0
    const first = FORWARD.includes(verdict) ? at + 1 : 0
    // Without a step ahead, a way forward leads to an end.
    const isEnd = first >= count || chosen % ONE_IN === 0
    const [from, until] = isEnd ? [count, names.length] : [first, count]
    const to = from + (chosen % (until - from))
    return [verdict, to > at ? names[to] : { to: names[to], max_rounds: rounds }]
  })
  return Object.fromEntries(ways) as Record<string, unknown>
}
