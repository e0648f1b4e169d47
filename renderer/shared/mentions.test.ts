import { describe, expect, it } from 'vitest'
import { insertFile, mentionAt } from './mentions.ts'

const at = (marked: string) => mentionAt(marked.replace('|', ''), marked.indexOf('|'))

describe('a mention', () => {
  it.each([
    ['@|', ''],
    ['see @src/pa|rse', 'src/pa'],
    ['(@a|)', 'a'],
    ['line\n@b|', 'b'],
  ])('is found at the caret in “%s”', (marked, query) => {
    expect(at(marked)?.query).toBe(query)
  })

  it.each(['ada@example|', 'see @a b|', 'no|', '@@a|', `@${'x'.repeat(301)}|`])(
    'is not in “%s”',
    (marked) => {
      expect(at(marked)).toBeNull()
    },
  )
})

describe('a file', () => {
  const insert = (marked: string, file: string) => {
    const mention = at(marked)
    if (mention === null) throw new Error('no mention')
    const { text, caret } = insertFile(marked.replace('|', ''), mention, file)
    return `${text.slice(0, caret)}|${text.slice(caret)}`
  }

  it.each([
    ['see @pa|', 'src/parse.ts', 'see @src/parse.ts |'],
    ['see @pa| first', 'src/parse.ts', 'see @src/parse.ts |first'],
    ['see @n|', 'a note.md', 'see @"a note.md" |'],
  ])('replaces the mention in “%s”', (marked, file, expected) => {
    expect(insert(marked, file)).toBe(expected)
  })
})
