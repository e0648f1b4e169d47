import { describe, expect, it } from 'vitest'
import type { ChangedFile } from '../../../contract/index.ts'
import { gapsOf, growHunks } from './grown-hunks.ts'
import { languageOf } from './languages.ts'
import { piecesOf } from './pieces.ts'
import { readMarkup, tokensOf } from './syntax.ts'
import { pairLines, WordChanges } from './word-changes.ts'

type Hunk = ChangedFile['hunks'][number]
type Line = Hunk['lines'][number]

/** @param written lines as in a patch: ` same`, `-before`, `+after` */
function hunk(old_start: number, new_start: number, ...written: string[]): Hunk {
  let [old, now] = [old_start, new_start]
  const lines = written.map((text): Line => {
    const kind = text.startsWith('-') ? 'removed' : text.startsWith('+') ? 'added' : 'context'
    return {
      kind,
      text: text.slice(1),
      old_line: kind === 'added' ? null : old++,
      new_line: kind === 'removed' ? null : now++,
    }
  })
  return { old_start, new_start, heading: '', lines }
}

describe('syntax colours', () => {
  it('keep the text of every line, also if a worker wrote markup', async () => {
    const { lines } = hunk(
      1,
      1,
      ' const a = `',
      '-</span><img src=x onerror="alert(1)">',
      '+&lt;b&gt; ${a}',
      ' `',
    )
    const tokens = await tokensOf(lines, 'javascript')
    expect(tokens.map((line) => line.map(({ text }) => text).join(''))).toEqual(lines.map(({ text }) => text))
    expect(tokens[0]?.[0]).toEqual({ text: 'const', kind: 'keyword' })
    expect(tokens[2]?.some(({ kind }) => kind === 'subst' || kind === 'string')).toBe(true)
  })

  it('of a removed line do not affect the lines after it', async () => {
    const { lines } = hunk(1, 1, '-/* begins', '+let a', ' let b')
    const tokens = await tokensOf(lines, 'javascript')
    expect(tokens.map((line) => line[0]?.kind)).toEqual(['comment', 'keyword', 'keyword'])
  })

  it('continue in the next line, and end with their token', () => {
    expect(readMarkup('<span class="hljs-string">a\nb</span> c &amp;&#x27;')).toEqual([
      [{ text: 'a', kind: 'string' }],
      [
        { text: 'b', kind: 'string' },
        { text: " c &'", kind: null },
      ],
    ])
  })

  it.each([
    ['src/main.rs', 'rust'],
    ['Dockerfile', 'dockerfile'],
    ['a/b.test.TS', 'typescript'],
    ['.bashrc', 'bash'],
    ['LICENSE', null],
    ['constructor', null],
  ])('of %s are those of %s', (path, language) => {
    expect(languageOf(path)).toBe(language)
  })
})

describe('word differences', () => {
  it('pair removed lines with the added lines after them', () => {
    const { lines } = hunk(1, 1, ' a', '-b', '-c', '+d', ' e', '+f')
    expect(pairLines(lines)).toEqual([
      [0, 0],
      [1, 3],
      [2, null],
      [4, 4],
      [null, 5],
    ])
  })

  it('mark the changed words, and nothing in lines that have little in common', () => {
    const { lines } = hunk(
      1,
      1,
      '-return greet(name)',
      '-import os',
      '+return greet(user)',
      '+class Färbung:',
    )
    const changes = new WordChanges(lines)
    expect(lines.map((_, at) => changes.of(at))).toEqual([[[13, 17]], [], [[13, 17]], []])
  })

  it('split the tokens that contain them', () => {
    const tokens = [
      { text: 'ab', kind: 'keyword' },
      { text: 'cdef', kind: null },
    ]
    expect(piecesOf(tokens, [[1, 4]])).toEqual([
      { text: 'a', kind: 'keyword', isChanged: false },
      { text: 'b', kind: 'keyword', isChanged: true },
      { text: 'cd', kind: null, isChanged: true },
      { text: 'ef', kind: null, isChanged: false },
    ])
  })
})

describe('lines that a diff leaves out', () => {
  const file = (...hunks: Hunk[]) => ({ change: 'modified' as const, binary: false, cut: false, hunks })
  const first = hunk(4, 4, ' d', '+new', ' e')
  const second = hunk(9, 10, '-i', ' j', ' k', ' l')

  it('are before each hunk, and at the end', () => {
    expect(gapsOf(file(first, second), null)).toEqual([
      { at: 0, from: 1, to: 3 },
      { at: 1, from: 6, to: 8 },
      { at: 2, from: 13, to: null },
    ])
    expect(gapsOf(file(first, second), 12).map(({ at }) => at)).toEqual([0, 1])
    expect(gapsOf({ ...file(second), cut: true }, null)).toEqual([{ at: 0, from: 1, to: 8 }])
    expect(gapsOf({ ...file(first), change: 'added' }, null)).toEqual([])
  })

  it('are found around a hunk that only adds lines, for which git gives the line before it', () => {
    expect(gapsOf(file(hunk(4, 5, '+new')), 6)).toEqual([{ at: 0, from: 1, to: 4 }])
  })

  it('join the hunks around a filled gap, with the line numbers of both sides', () => {
    const partly = growHunks([first, second], 1, 7, ['g', 'h'])
    expect(partly).toHaveLength(2)
    expect(partly[1]?.lines.map(({ old_line, new_line }) => [old_line, new_line])).toEqual([
      [7, 8],
      [8, 9],
      [9, null],
      [10, 10],
      [11, 11],
      [12, 12],
    ])
    const whole = growHunks(partly, 1, 6, ['f'])
    expect(whole).toHaveLength(1)
    expect(whole[0]?.lines.map(({ text }) => text)).toEqual([...'d,new,e,f,g,h,i,j,k,l'.split(',')])
    expect(gapsOf(file(...whole), 12)).toEqual([{ at: 0, from: 1, to: 3 }])
  })

  it('join the hunk at the start and at the end of the file', () => {
    const [grown] = growHunks([first], 0, 1, ['a', 'b', 'c'])
    expect(grown).toMatchObject({ old_start: 1, new_start: 1 })
    const [whole] = growHunks([grown ?? first], 1, 6, ['f'])
    expect(whole?.lines.at(-1)).toEqual({ kind: 'context', text: 'f', old_line: 6, new_line: 7 })
  })
})
