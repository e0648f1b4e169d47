import { expect, it } from 'vitest'
import { runDirect } from './testing/direct.ts'

it('prints noise of an agent unchanged, and notes an unknown update once, shortened', async () => {
  const { code, lines, printed } = await runDirect({
    turns: [
      [
        { raw: 'npm warn deprecated brass@1.0.0' },
        { raw: '{"not":"a message"}' },
        { raw: '[1,2]' },
        { stderr: 'a warning' },
        { notify: '_vendor/progress', params: { at: 1 } },
        { update: { sessionUpdate: 'vendor_update', percent: 50 } },
        { update: { sessionUpdate: 'vendor_update', percent: 60 } },
      ],
    ],
  })

  expect(code).toBe(0)
  expect(printed).toEqual(
    expect.arrayContaining(['npm warn deprecated brass@1.0.0', '{"not":"a message"}', '[1,2]', 'a warning']),
  )
  expect(lines.filter(({ acp }) => acp === 'note')).toEqual([
    { acp: 'note', text: 'vendor_update {"percent":50}' },
  ])
})

it('joins the pieces of a message, and separates messages from thoughts and from each other', async () => {
  const piece = (text: string, messageId: string) => ({
    update: { sessionUpdate: 'agent_message_chunk', messageId, content: { type: 'text', text } },
  })
  const { lines } = await runDirect({
    turns: [[piece('Look', '1'), piece('ing', '1'), { think: 'Hm.' }, piece('One', '2'), piece('Two', '3')]],
  })
  expect(lines.slice(1, -1)).toEqual([
    { acp: 'said', text: 'Looking' },
    { acp: 'thought', text: 'Hm.' },
    { acp: 'said', text: 'One' },
    { acp: 'said', text: 'Two' },
  ])
})

it('writes a plan when it changes', async () => {
  const plan = (status: string) => ({
    update: { sessionUpdate: 'plan', entries: [{ content: 'Polish', priority: 'high', status }] },
  })
  const { lines } = await runDirect({ turns: [[plan('pending'), plan('pending'), plan('completed')]] })
  expect(lines.filter(({ acp }) => acp === 'plan')).toEqual([
    { acp: 'plan', entries: [{ content: 'Polish', status: 'pending' }] },
    { acp: 'plan', entries: [{ content: 'Polish', status: 'completed' }] },
  ])
})

it('a tool call is two lines, whatever the agent sends about it: its output is cut, its diff has the lines that change', async () => {
  const long = `${'a'.repeat(1000)}\n${'b'.repeat(5000)}\nthe end`
  const call = (fields: Record<string, unknown>) => ({
    update: { sessionUpdate: 'tool_call_update', toolCallId: 'c1', ...fields },
  })
  const content = [
    { type: 'content', content: { type: 'text', text: long } },
    { type: 'diff', path: '/w/brass.ts', oldText: 'one\ntwo\nthree\n', newText: 'one\n2\nthree\n' },
  ]
  const { lines } = await runDirect({
    turns: [
      [
        {
          update: {
            sessionUpdate: 'tool_call',
            toolCallId: 'c1',
            title: 'Edit',
            kind: 'edit',
            status: 'pending',
          },
        },
        call({ title: 'Edit brass.ts', locations: [{ path: '/w/brass.ts' }] }),
        call({ status: 'in_progress' }),
        call({ status: 'completed', content }),
        call({ status: 'completed' }),
      ],
    ],
  })

  const [begun, result, ...more] = lines.filter(({ acp }) => acp === 'call' || acp === 'result')
  expect(begun).toEqual({
    acp: 'call',
    id: 'c1',
    name: 'edit',
    text: 'Edit brass.ts',
    paths: ['/w/brass.ts'],
  })
  expect(result).toMatchObject({
    acp: 'result',
    ok: true,
    diffs: [{ path: '/w/brass.ts', removed: 'two', added: '2' }],
  })
  expect(more).toEqual([])
  const { text } = result as { text: string }
  expect(text.length).toBeLessThan(2_100)
  expect(text).toMatch(/characters are left out[^]*the end$/)
})

it('cuts a message of many megabytes, and leaves out a message over the limit', async () => {
  const { code, lines, printed } = await runDirect({
    turns: [[{ chatter: 3_000_000 }, { think: 'so' }, { chatter: 11_000_000 }, { say: 'on' }]],
  })

  expect(code).toBe(0)
  const said = lines.filter((line) => line.acp === 'said').map(({ text }) => text)
  expect(said.join('').length).toBeLessThan(70_000)
  expect(said.join('')).toContain('[2936000 more characters are left out]')
  expect(said.at(-1)).toBe('on')
  expect(printed).toContain('[a message of more than 10 MB was left out]')
})

it('answers a request over the limit with an error', async () => {
  const params = { toolCall: { toolCallId: 'c', title: 'x'.repeat(11_000_000) }, options: [] }
  const { record } = await runDirect({ turns: [[{ request: 'session/request_permission', params }]] })
  expect(record().find(({ answered }) => answered)).toMatchObject({ error: { code: -32600 } })
})

it('writes how much of its context is used, when that has changed by some thousands of tokens', async () => {
  const used = (tokens: number, size?: number) => ({
    update: { sessionUpdate: 'usage_update', used: tokens, ...(size !== undefined && { size }) },
  })
  const { lines } = await runDirect({
    turns: [[used(0, 200_000), used(1_000, 200_000), used(5_999, 200_000), used(6_000, 0), used(500)]],
  })
  expect(lines.filter(({ acp }) => acp === 'context')).toEqual([
    { acp: 'context', used: 1_000, size: 200_000 },
    { acp: 'context', used: 6_000, size: null },
    { acp: 'context', used: 500, size: null },
  ])
})
