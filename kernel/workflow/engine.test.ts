import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WorkflowDefinition } from '../../contract/workflow-file.ts'
import { MAPPED } from '../testing/mapping.ts'
import { checkDefinition } from './check-definition.ts'
import { advance, countedBefore, openVisit, valuesOf } from './engine.ts'
import { graphOf, waysOf } from './graph.ts'
import { apply, begin, give, simulate, type Given, type Walked } from './simulate.ts'
import { builtin, definitionIn, SMALL } from './test-definition.ts'

const small = definitionIn(SMALL)

/** The visits of a walk as `step:verdict`, the invalid ones in brackets. */
function shown(walk: Walked): string {
  return walk.visits
    .map(({ step, valid, verdict }) => (valid ? `${step}:${verdict ?? ''}` : `(${step}:${verdict ?? ''})`))
    .join(' ')
}

function walked(definition: WorkflowDefinition, ...verdicts: (string | Given)[]): Walked {
  const given = verdicts.map((one) => (typeof one === 'string' ? { verdict: one } : one))
  return simulate(definition, { goal: 'Something' }, given).walk
}

it('finds no progress in a round of a map with new cards and the same result', () => {
  const file = definitionIn(MAPPED)
  const round = (task_id: string, summary: string) =>
    [
      { verdict: 'done', metadata: { parts: [{ key: 'a', what: 'x' }] } },
      { verdict: 'some_failed', metadata: { items: [{ key: 'a', state: 'failed', task_id, summary }] } },
    ] satisfies Given[]
  const again = (summary: string) =>
    simulate(file, {}, [...round('t_1a', 'No disk'), ...round('t_2b', summary)]).walk.waits?.why
  expect(again('No disk')).toBe('no_progress')
  expect(again('No memory')).toBeUndefined()
})

describe('a walk', () => {
  it('goes from step to step by verdicts, to its end', () => {
    const walk = walked(small, 'done', 'passed', 'approved')
    expect(shown(walk)).toBe('build:done test:passed sign_off:approved')
    expect(walk.end).toEqual({ step: 'over', state: 'succeeded' })
  })

  it('invalidates later passes when it goes back', () => {
    const walk = walked(small, 'done', 'passed', 'changes')
    expect(shown(walk)).toBe('build:done (test:passed) sign_off:changes fix:')
  })

  it('passes every check again before it ends', () => {
    const walk = walked(
      builtin('feature'),
      'done',
      'approved',
      'done',
      'passed',
      'accept',
      'changes',
      'done',
      'passed',
    )
    expect(walk.visits.at(-1)).toMatchObject({ step: 'review', visit: 2 })
  })

  it('lets a reference mean the latest visit that counts', () => {
    const walk = walked(builtin('feature'), { verdict: 'done', metadata: { plan: 'first' } }, 'changes', {
      verdict: 'done',
      metadata: { plan: 'second' },
    })
    expect(valuesOf(walk).step('plan')?.metadata).toEqual({ plan: 'second' })
  })

  it('keeps the result of a check during its correction, and drops it with the next pass', () => {
    const back = walked(small, 'done', { verdict: 'failed', summary: 'line 3 is wrong' })
    expect(valuesOf(back).step('test')?.summary).toBe('line 3 is wrong')
    expect(
      valuesOf(give(give(back, { verdict: 'done' }), { verdict: 'passed' })).step('test')?.summary,
    ).toBeNull()
  })

  it('waits for a person when the rounds of a loop are used up', () => {
    const again = (n: number): Given => ({ verdict: 'failed', summary: 'abc'.slice(n) })
    const walk = walked(small, 'done', again(0), 'done', again(1), 'done', again(2))
    expect(walk.waits).toMatchObject({ why: 'rounds_used_up', verdict: 'failed', to: 'fix' })
    expect(walk.visits.at(-1)).toMatchObject({ step: 'test', verdict: null })
  })

  it('waits for a person when two corrections differ only in white space and numbers', () => {
    const walk = walked(small, 'done', { verdict: 'failed', summary: '2 tests fail' }, 'done', {
      verdict: 'failed',
      summary: '3  tests\nfail',
    })
    expect(walk.waits?.why).toBe('no_progress')
  })

  it('waits for a person when a round has made no commit', () => {
    const walk = walked(
      small,
      { verdict: 'done', head: 'a' },
      { verdict: 'failed', summary: 'one', head: 'a' },
      { verdict: 'done', head: 'a' },
      { verdict: 'failed', summary: 'two', head: 'a' },
    )
    expect(walk.waits).toMatchObject({
      why: 'no_progress',
      sentence: expect.stringContaining('no new commit') as string,
    })
  })

  it('lets a person ask for the same correction as often as the loop allows', () => {
    const round = ['changes', { verdict: 'done', head: 'a' }, { verdict: 'passed', head: 'a' }] as const
    const walk = walked(small, 'done', 'passed', ...round, ...round)
    expect(walk.waits).toBeNull()
  })
})

it('decides by inputs and earlier results in the same step', () => {
  const definition = definitionIn(
    `runboard: 1
name: choose
title: Choose
inputs: {size: {type: choice, choices: [small, large], default: small}}
steps:
  - {key: look, kind: check, run: "true", on: {passed: way, failed: way}}
  - key: way
    kind: decide
    rules:
      - verdict: broken
        when: {equal: [steps.look.verdict, failed]}
      - verdict: much
        when: {all: [{in: [inputs.size, [large]]}, {not: {exists: inputs.size_of_it}}]}
    otherwise: little
    on: {broken: bad, much: ask, little: good}
  - {key: ask, kind: approve, question: Sure?, on: {approved: good}}
  - {key: good, kind: end, state: succeeded}
  - {key: bad, kind: end, state: failed}
`.replace(', {not: {exists: inputs.size_of_it}}', ''),
  )
  const at = (size: string, verdict: string) => simulate(definition, { size }, [{ verdict }]).walk
  expect(at('small', 'passed').end).toEqual({ step: 'good', state: 'succeeded' })
  expect(at('large', 'failed').end).toEqual({ step: 'bad', state: 'failed' })
  expect(shown(at('large', 'passed'))).toBe('look:passed way:much ask:')
})

/** Definitions with any ways between n steps; most are refused. */
const anyDefinition = fc
  .integer({ min: 2, max: 6 })
  .chain((count) =>
    fc.array(
      fc.record({
        passed: fc.integer({ min: 0, max: count }),
        failed: fc.integer({ min: 0, max: count }),
        once: fc.constantFrom(true as const, false as const, false as const, false as const),
        limits: fc.tuple(
          fc.option(fc.integer({ min: 1, max: 3 })),
          fc.option(fc.integer({ min: 1, max: 3 })),
        ),
      }),
      { minLength: count, maxLength: count },
    ),
  )
  .map((ways): WorkflowDefinition => {
    const name = (at: number) => (at === ways.length ? 'over' : `s${at}`)
    const steps = ways.map(({ failed, limits, once, passed }, at) => ({
      ...{ key: name(at), kind: 'check' as const, run: 'true', timeout: 60, ...(once ? { once } : {}) },
      on: {
        passed: { to: name(passed), max_rounds: limits[0] },
        failed: { to: name(failed), max_rounds: limits[1] },
      },
    }))
    return {
      ...{ runboard: 1, name: 'any', title: 'Any', inputs: {}, roles: {} },
      steps: [...steps, { key: 'over', kind: 'end', state: 'succeeded' }],
    }
  })

const anyVerdict = fc.record({ says: fc.boolean(), head: fc.constantFrom(null, 'a', 'b') })

describe('a check with “once”', () => {
  const once = definitionIn(SMALL.replace('run: "true"', 'run: "true"\n    once: true'))
  const at = (head: string) => ({ verdict: 'done', head })

  it('is not run again for work that it has passed for', () => {
    const walk = walked(
      once,
      at('a'),
      { verdict: 'passed', head: 'a' },
      { verdict: 'changes', head: 'a' },
      at('a'),
    )
    expect(shown(walk)).toBe('build:done (test:passed) sign_off:changes fix:done test:passed sign_off:')
    expect(walk.visits[4]?.summary).toBe('Not run again: it passed for this work at visit 1.')
  })

  it('is run for other work, when it has changed the work itself, and when a person goes to it', () => {
    const other = walked(
      once,
      at('a'),
      { verdict: 'passed', head: 'a' },
      { verdict: 'changes', head: 'a' },
      at('b'),
    )
    expect(openVisit(other).step).toBe('test')
    const changing = walked(
      once,
      at('a'),
      { verdict: 'passed', head: 'b' },
      { verdict: 'changes', head: 'b' },
      at('a'),
    )
    expect(openVisit(changing).step).toBe('test')
    const asked = walked(once, at('a'), { verdict: 'passed', head: 'a' })
    expect(openVisit(apply(asked, advance(asked, { event: 'go_to', step: 'test' }))).step).toBe('test')
  })
})

describe('the results that counted when a visit began', () => {
  const before = (walk: Walked, at: number, copied = 0) =>
    countedBefore(walk.definition, walk.visits, at, copied).map((n) => walk.visits[n]?.step)

  it('are those before it, as they were then', () => {
    const walk = walked(small, 'done', 'failed', 'done', 'passed', 'approved')
    expect(shown(walk)).toBe('build:done test:failed fix:done test:passed sign_off:approved')
    expect(walk.visits.map((_, at) => before(walk, at))).toEqual([
      [],
      ['build'],
      ['build', 'test'],
      ['build', 'test', 'fix'],
      ['build', 'test', 'fix', 'test'],
    ])
    const changed = walked(small, 'done', 'passed', 'changes')
    expect(before(changed, 2)).toEqual(['build', 'test'])
    expect(before(changed, 3)).toEqual(['build', 'sign_off'])
  })

  it('leave out those that a *go to* of a person made invalid', () => {
    const first = walked(small, 'done', 'passed')
    const walk = apply(first, advance(first, { event: 'go_to', step: 'build' }))
    expect(before(walk, 3)).toEqual([])
    // Results of an earlier walk are there from the beginning.
    expect(before(first, 2, 2)).toEqual(['build', 'test'])
  })

  it('are those that the engine counts', () => {
    fc.assert(
      fc.property(anyDefinition, fc.array(anyVerdict, { maxLength: 12 }), (definition, verdicts) => {
        if (checkDefinition(definition).length > 0) return
        let walk = begin(definition, {})
        for (const [n, { head, says }] of verdicts.entries()) {
          if (walk.end !== null || walk.waits !== null) break
          walk = give(walk, { verdict: says ? 'passed' : 'failed', head, summary: 'x'.repeat(n) })
          const at = walk.visits.length - 1
          if (walk.end !== null || walk.visits[at]?.verdict !== null) continue
          const counting = walk.visits.flatMap(({ valid }, index) => (valid && index < at ? [index] : []))
          expect(countedBefore(definition, walk.visits, at, 0)).toEqual(counting)
        }
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('a definition that is accepted', () => {
  it('ends or waits within (1 + all rounds) × steps visits, whatever the verdicts', () => {
    let accepted = 0
    fc.assert(
      fc.property(anyDefinition, fc.infiniteStream(anyVerdict), (definition, coin) => {
        if (checkDefinition(definition).length > 0) return
        accepted += 1
        const rounds = definition.steps.flatMap(waysOf).reduce((sum, way) => sum + (way.max_rounds ?? 0), 0)
        const most = (1 + rounds) * definition.steps.length
        let walk = begin(definition, {})
        let given = 0
        for (const { head, says } of coin) {
          if (walk.end !== null || walk.waits !== null) break
          given += 1
          walk = give(walk, { verdict: says ? 'passed' : 'failed', head, summary: `${'x'.repeat(given)}` })
          expect(walk.visits.length).toBeLessThanOrEqual(most)
        }
      }),
      { numRuns: 20_000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })
})

it('finds the steps ahead of a step without going back', () => {
  expect([...graphOf(small).ahead('fix')].sort()).toEqual(['dropped', 'fix', 'over', 'sign_off', 'test'])
})
