import { describe, expect, it } from 'vitest'
import { describeEnd, summaryOf, withOutput } from './end-text.ts'

describe('the text of an end', () => {
  it('says that nothing was written', () => {
    expect(withOutput('It exited with 1.', [])).toBe('It exited with 1. It wrote nothing.')
  })

  it('ends with the output', () => {
    expect(withOutput('It exited with 1.', ['one', 'two'])).toBe('It exited with 1.\none\ntwo')
  })

  it('names the line that explains it, on one line', () => {
    const text = describeEnd({ how: 'It exited with 1.', last: 'no\nkey' }, { lines: ['begun'] })
    expect(text.split('\n')[0]).toMatch(/^It exited with 1: no.*key$/)
    expect(text).toContain('begun')
  })

  it('does not repeat that line when the output ends with it', () => {
    const text = describeEnd({ how: 'It exited with 1.', last: 'no key' }, { lines: ['begun', 'no key'] })
    expect(text).toBe('It exited with 1: no key\nbegun\nno key')
  })

  it('cuts a long last message for the summary', () => {
    expect(summaryOf({ said: 'x'.repeat(10_000) })!.length).toBeLessThanOrEqual(4_001)
    expect(summaryOf({ said: null })).toBeNull()
  })
})
