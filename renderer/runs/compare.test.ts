import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { Client } from '../../contract/index.ts'
import { commandLine } from './command-line.ts'
import { compareRuns, differenceWords, diffLines, foldSame } from './compare.ts'
import { GivenPair } from './details/run-given.svelte.ts'
import { aRun } from './test-runs.ts'

describe('two runs', () => {
  it('differ in a fact with two values, but not in those that always differ', () => {
    const before = aRun({ outcome: 'crashed', exit_code: 1, elapsed_ms: 1000 })
    const after = aRun({
      outcome: 'completed',
      profile: 'codex',
      elapsed_ms: 2000,
      observed: { model: 'large' },
    })
    const differing = compareRuns(before, after).filter(({ differs }) => differs)
    expect(differing.map(({ label }) => label)).toEqual(['Outcome', 'Exit', 'Profile', 'Model'])
  })
})

describe('S9: the summary above a comparison', () => {
  const [run, other] = [aRun({ outcome: 'completed' }), aRun({ outcome: 'completed', profile: 'codex' })]
  const same = compareRuns(run, run)
  const one = compareRuns(run, other)

  it('counts different contexts as a difference', () => {
    expect(differenceWords(same, 'same')).toBe('No differences')
    expect(differenceWords(same, 'differs')).toBe('One difference')
    expect(differenceWords(one, 'differs')).toBe('2 differences')
  })

  it('claims nothing about texts that are not loaded', () => {
    expect(differenceWords(same, 'reading')).toBe('Comparing…')
    expect(differenceWords(same, 'unknown')).toBe('No differences in the properties')
    expect(differenceWords(one, 'unknown')).toBe('One difference in the properties')
  })

  it.each([
    ['one\ntwo', 'one\ntwo', 'same'],
    ['one\ntwo', 'one\nthree', 'differs'],
    [null, 'one', 'differs'],
    [null, null, 'same'],
  ] as const)('say of %j and %j what the lines below show', async (before, after, difference) => {
    const texts: Record<number, string | null> = { 1: before, 2: after }
    const show = ({ id }: { id: number }) => Promise.resolve({ context: texts[id] })
    const pair = new GivenPair({ run: { show } } as unknown as Client, 'work', 1, 2)
    expect(pair.difference).toBe('reading')
    await pair.read()
    expect(pair.difference).toBe(difference)
    expect(pair.parts.some(({ kind }) => kind === 'added' || kind === 'removed')).toBe(
      difference === 'differs',
    )
  })
})

describe('a difference of texts', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    .map((lines) => lines.join('\n'))

  it('contains both texts', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after)
        const side = (left: 'added' | 'removed') =>
          lines
            .filter(({ kind }) => kind !== left)
            .map((line) => line.text)
            .join('\n')
        expect(side('added')).toBe(before)
        expect(side('removed')).toBe(after)
      }),
    )
  })

  it('is empty for equal texts', () => {
    expect(diffLines('a\nb', 'a\nb').every(({ kind }) => kind === 'same')).toBe(true)
  })

  it('shows long texts with little in common as one removed and one added', () => {
    const [before, after] = ['a', 'b'].map((side) =>
      Array.from({ length: 3000 }, (_, line) => (line === 1500 ? 'common' : `${side}${line}`)).join('\n'),
    )
    const kinds = diffLines(before ?? '', after ?? '').map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'same')).toEqual([])
    expect(kinds.indexOf('added')).toBe(3000)
  })

  it('folds unchanged lines that are far from any change', () => {
    const lines = diffLines('1\n2\n3\n4\n5\n6', '1\n2\n3\n4\n5\nsix')
    expect(foldSame(lines, 1)).toEqual([
      { kind: 'folded', count: 4 },
      { kind: 'same', text: '5' },
      { kind: 'removed', text: '6' },
      { kind: 'added', text: 'six' },
    ])
  })
})

it('a command line is quoted for a shell', () => {
  expect(commandLine(['sh', '-c', "echo 'hi there'", ''])).toBe("sh -c 'echo '\\''hi there'\\''' ''")
})
