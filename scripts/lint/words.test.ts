import { describe, expect, it } from 'vitest'
import { complaints, findPhrases, lowered, PHRASES } from './words.ts'

const phrasesIn = (text: string): string[] => findPhrases('kernel/a.ts', text).map(({ phrase }) => phrase)

describe('findPhrases', () => {
  it.each([
    ['makes the files anew', 'anew'],
    ['Of so many looks one reads all', 'so many'],
    ['for that many seconds', 'that many'],
    ['whoever asked for a stop', 'whoever'],
    ['Somebody holds the lease', 'Somebody'],
    ['three runs, of which one is open', 'of which'],
    ['the caller is told', 'is told'],
    ['they were told', 'were told'],
    ['is no verb for several tasks', 'is no'],
    ['The worker goes on', 'goes on'],
    ['workers went on', 'went on'],
    ['and we shall wait', 'we shall'],
    ['nothing was heard of it', 'heard of'],
    ['null when the run is seen to', 'seen to'],
    ['is given time to see it through', 'see it through'],
    ['what the client makes of it', 'makes of'],
    ['a watcher lets go of its run', 'lets go of'],
    ['the time is of the wall', 'is of'],
  ])('finds the phrase in “%s”', (text, phrase) => {
    expect(phrasesIn(text)).toEqual([phrase])
  })

  it.each([
    'The dispatcher is no longer alive.',
    'It takes no more than 5 ms.',
    'There is no board “main”',
    'const isNot = goesOnward',
    'the first of whichever comes',
    'one of whose columns',
    'the items that a person let go',
  ])('leaves “%s” alone', (text) => {
    expect(phrasesIn(text)).toEqual([])
  })

  it('reports the line, also for a phrase that is split over two lines of a comment', () => {
    const text = 'const a = 1\n/**\n * The caller is\n * told why.\n */\n// it goes\n// on\n'
    expect(findPhrases('kernel/a.ts', text)).toEqual([
      expect.objectContaining({ phrase: 'is told', line: 3 }),
      expect.objectContaining({ phrase: 'goes on', line: 6 }),
    ])
  })

  it('suggests a replacement for each phrase', () => {
    expect(PHRASES.filter(({ instead }) => instead === '')).toEqual([])
  })
})

describe('the number of remaining phrases', () => {
  const inKernel = findPhrases('kernel/a.ts', 'anew, whoever')
  const inDocs = findPhrases('docs/a.md', 'somebody')
  const atRoot = findPhrases('README.md', 'so many')

  it('may not rise in any folder', () => {
    const found = [...inKernel, ...inDocs, ...atRoot]
    expect(complaints(found, { kernel: 2, docs: 1, '.': 1 })).toEqual([])
    expect(complaints(found, { kernel: 1, docs: 1, '.': 1 })).toEqual([
      expect.stringMatching(/^kernel: 2 phrases, at most 1 /),
    ])
    expect(complaints(found, { kernel: 3, '.': 1 })).toEqual([
      expect.stringMatching(/^docs\/a\.md:1: “somebody”/),
    ])
    expect(complaints(found, { kernel: 2, docs: 1 })).toEqual([
      expect.stringMatching(/^README\.md:1: “so many”/),
    ])
  })

  it('is lowered to the number found, and never raised', () => {
    expect(lowered([...inKernel, ...inDocs], { kernel: 1, docs: 5, doors: 3 })).toEqual({
      kernel: 1,
      docs: 1,
    })
  })
})
