import { expect, it } from 'vitest'
import { agentEnding } from './agent-ending.ts'
import { acp } from './acp.ts'
import { readLogLine } from './log-line.ts'
import { cutTexts, eventText } from './log-words.ts'

const words = (line: object) => eventText(readLogLine(JSON.stringify(line))!)

it('lines of the bridge are shown in words', () => {
  expect(words({ acp: 'start', agent: 'A 1.0', session: 's', how: 'resumed', mode: 'plan' })).toBe(
    '▸ Started · A 1.0 · session s, resumed · mode plan',
  )
  expect(words({ acp: 'plan', entries: [{ content: 'Polish', status: 'completed' }] })).toBe(
    '● plan  ☑ Polish',
  )
  const diffs = [{ path: '/a', removed: 'dull', added: 'shiny' }]
  expect(words({ acp: 'result', id: 'c', name: 'edit', ok: true, text: '', diffs })).toBe(
    '  ✓ /a\n    -dull\n    +shiny',
  )
  expect(words({ acp: 'permission', title: 'npm test', decision: 'refused', why: 'No' })).toBe(
    '✗ Refused  npm test\n  ↳ No',
  )
  expect(words({ acp: 'permission', title: 'npm test', decision: 'asked', why: '' })).toBe('? Asks  npm test')
  expect(words({ acp: 'told', text: 'Wax it\ntoo', how: 'during the turn' })).toBe(
    '» Wax it\n  too · delivered during the turn',
  )
  expect(words({ acp: 'context', used: 42_000, size: 200_000 })).toBe('· context: 42,000 of 200,000 tokens')
  expect(words({ acp: 'end', reason: 'max_tokens' })).toBe('■ Failed · out of tokens')
  expect(words({ acp: 'later_version', x: 1 })).toBe('· later_version {"x":1}')
})

it('the usage of a run is that of its turns; what no turn reports is unknown', () => {
  const turn = (input_tokens: number) => ({
    acp: 'end',
    reason: 'end_turn',
    usage: { input_tokens, cached_input_tokens: null, output_tokens: 1, cost_usd: null },
  })
  expect(acp.usage([turn(10), turn(20), { acp: 'end', reason: 'cancelled' }])).toEqual({
    input_tokens: 30,
    cached_input_tokens: null,
    output_tokens: 2,
    cost_usd: null,
    turns: 3,
  })
  expect(acp.usage([{ acp: 'end', reason: 'end_turn' }])).toBeNull()
})

it('an error behind the end of a turn is the end of the run', () => {
  const error = { acp: 'error', message: 'Too hot', code: 'x', rate_limit: true, resets_at: 5, final: true }
  expect(agentEnding(acp, [{ acp: 'end', reason: 'end_turn' }, error])).toMatchObject({
    kind: 'error',
    message: 'Too hot',
    isRateLimit: true,
    resetsAt: 5,
  })
})

it('long changes are shown from their start, and whole when the event is expanded', () => {
  const added = Array.from({ length: 30 }, (_, n) => `line ${n}`).join('\n')
  const line = {
    acp: 'result',
    id: 'c',
    name: 'edit',
    ok: true,
    text: 'Done',
    diffs: [{ path: '/a', removed: '', added }],
  }
  const shown = words(line).split('\n')
  expect(shown.slice(0, 3)).toEqual(['  ✓ Done', '    /a', '    +line 0'])
  expect(shown.at(-1)).toBe('    … 15 more lines')
  expect(cutTexts(readLogLine(JSON.stringify(line))!)).toEqual([expect.stringContaining('+line 29')])
})

it('the answer to a question is shown instead of the JSON that the tool returns', () => {
  const result = (question: object) =>
    words({ acp: 'result', id: 'c', name: 'ask', ok: true, text: JSON.stringify({ question }) })
  expect(result({ id: 1, answer: { option: 'red', text: 'Warm', form: null } })).toBe('  ✓ red: Warm')
  expect(result({ id: 1, answer: { option: null, text: null, form: { hue: 3 } } })).toBe('  ✓ {"hue":3}')
  expect(result({ id: 1, answer: null, state: 'withdrawn' })).toBe('  ✓ withdrawn, without an answer')
})
