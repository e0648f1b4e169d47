import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { commandLine } from './command-line.ts'
import { compareRuns, diffLines, foldSame } from './compare.ts'
import { aRun } from './test-runs.ts'

describe('two runs', () => {
  it('differ where one fact is another, but not in what always is', () => {
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

describe('a difference of texts', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    .map((lines) => lines.join('\n'))

  it('holds both texts', () => {
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

  it('says nothing of equal texts', () => {
    expect(diffLines('a\nb', 'a\nb').every(({ kind }) => kind === 'same')).toBe(true)
  })

  it('folds what is the same and far from any change', () => {
    const lines = diffLines('1\n2\n3\n4\n5\n6', '1\n2\n3\n4\n5\nsix')
    expect(foldSame(lines, 1)).toEqual([
      { kind: 'folded', count: 4 },
      { kind: 'same', text: '5' },
      { kind: 'removed', text: '6' },
      { kind: 'added', text: 'six' },
    ])
  })
})

it('a command line is quoted as a shell takes it', () => {
  expect(commandLine(['sh', '-c', "echo 'hi there'", ''])).toBe("sh -c 'echo '\\''hi there'\\''' ''")
})
