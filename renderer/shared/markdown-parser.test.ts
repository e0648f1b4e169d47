import { describe, expect, it } from 'vitest'
import { parseMarkdown } from './markdown-parser.ts'

describe('the id of a task in a text', () => {
  it('is a link to the task', () => {
    expect(parseMarkdown('Waits for t_0a1b2c3d.')).toContain('<a href="#/task/t_0a1b2c3d">t_0a1b2c3d</a>.')
    expect(parseMarkdown('(t_0a1b2c3d)')).toContain('(<a href="#/task/t_0a1b2c3d">')
  })

  it('is plain text within code, a longer word or an address', () => {
    for (const text of [
      '`t_0a1b2c3d`',
      'set_0a1b2c3d',
      't_0a1b2c3d4',
      'at_0a1b2c3d',
      '[t_0a1b2c3d](https://example.org)',
    ]) {
      expect(parseMarkdown(text), text).not.toContain('#/task/')
    }
    expect(parseMarkdown('https://example.org/t_0a1b2c3d')).not.toContain('#/task/')
  })
})
