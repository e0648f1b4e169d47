import { expect, it } from 'vitest'
import { ruleOf } from './question-words.ts'

const input = { tool_name: 'Bash', input: { command: 'npm test' }, rule: 'exactly the command “npm test”' }

it('“Always allow” says the rule that the kernel adds', () => {
  const words = ruleOf({ kind: 'permission', options: ['allow', 'always', 'deny'], input })
  expect(words).toContain('adds a rule to the profile: exactly the command “npm test”.')
})

it('says no rule where none is offered, or for a text of a worker', () => {
  expect(ruleOf({ kind: 'permission', options: ['allow', 'deny'], input })).toBeNull()
  expect(ruleOf({ kind: 'text', options: ['always'], input })).toBeNull()
})
