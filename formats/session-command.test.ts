import { describe, expect, it } from 'vitest'
import { agentOf, takeOverCommand } from './agents.ts'
import { sessionCommand, withSession } from './session-command.ts'

const resumed = (...command: string[]) => withSession(command, { resume: 'ID' })
const begun = (...command: string[]) => withSession(command, { begin: 'ID' })

describe('a command that continues a session', () => {
  it.each<[string[], string[]]>([
    [
      ['claude', '-p', '--mcp-config', '{}'],
      ['claude', '--resume', 'ID', '-p', '--mcp-config', '{}'],
    ],
    [
      ['/opt/bin/claude', '-p', '{prompt}'],
      ['/opt/bin/claude', '--resume', 'ID', '-p', '{prompt}'],
    ],
    [
      ['C:\\tools\\claude.cmd', '-p'],
      ['C:\\tools\\claude.cmd', '--resume', 'ID', '-p'],
    ],
    [
      ['npx', '-y', '@anthropic-ai/claude-code@2', '-p'],
      ['npx', '-y', '@anthropic-ai/claude-code@2', '--resume', 'ID', '-p'],
    ],
    [
      ['codex', 'exec', '--json', '--model', '{model}', '-'],
      ['codex', 'exec', '--json', '--model', '{model}', 'resume', 'ID', '-'],
    ],
    [
      ['codex', 'exec', '--json', '{prompt}'],
      ['codex', 'exec', '--json', 'resume', 'ID', '{prompt}'],
    ],
    [
      ['codex', 'exec', '--model', 'gpt'],
      ['codex', 'exec', '--model', 'gpt', 'resume', 'ID', '-'],
    ],
    [
      ['codex', 'exec', '--json'],
      ['codex', 'exec', '--json', 'resume', 'ID', '-'],
    ],
    [
      ['codex', 'exec', '--json', 'Do it'],
      ['codex', 'exec', '--json', 'Do it'].toSpliced(3, 0, 'resume', 'ID'),
    ],
    [
      ['opencode', 'run', '--format', 'json', 'Do it'],
      ['opencode', 'run', '--session', 'ID', '--format', 'json', 'Do it'],
    ],
    [
      ['gemini', '-p', 'Do it'],
      ['gemini', '--resume', 'ID', '-p', 'Do it'],
    ],
    [
      ['qwen', '-p', 'Do it'],
      ['qwen', '--resume', 'ID', '-p', 'Do it'],
    ],
    [
      ['copilot', '--output-format', 'json'],
      ['copilot', '--resume=ID', '--output-format', 'json'],
    ],
  ])('%j', (command, expected) => {
    expect(resumed(...command)).toEqual(expected)
  })

  it.each<[string, string[]]>([
    ['starts no agent that we know', ['make', 'claude']],
    ['works with a person', ['codex', '{prompt}']],
    ['serves', ['opencode', 'serve']],
    ['chooses its session itself', ['claude', '--continue', '-p']],
    ['chooses its session itself', ['copilot', '--session-id=1']],
    ['chooses its session itself', ['codex', 'exec', 'resume', '--last', '-']],
  ])('is not one that %s: %j', (_, command) => {
    expect(resumed(...command)).toBeNull()
    expect(begun(...command)).toBeNull()
  })

  it('is not a shell line', () => {
    expect(withSession(null, { resume: 'ID' })).toBeNull()
  })
})

it('names a new session only where the agent accepts an id', () => {
  expect(begun('claude', '-p')).toEqual(['claude', '--session-id', 'ID', '-p'])
  expect(begun('qwen', '-p')).toEqual(['qwen', '--session-id', 'ID', '-p'])
  expect(begun('copilot')).toEqual(['copilot', '--session-id=ID'])
  for (const command of [
    ['codex', 'exec', '-'],
    ['gemini', '-p'],
    ['opencode', 'run'],
  ])
    expect(begun(...command)).toBeNull()
})

it('knows the agent of a profile by its command, else by the events of its output', () => {
  expect(agentOf({ command: ['qwen', '-p'], usage_parser: 'claude-json' })).toBe('qwen')
  expect(agentOf({ command: null, usage_parser: 'codex-json' })).toBe('codex')
  expect(agentOf({ command: ['make'], usage_parser: 'none' })).toBeNull()
})

it('returns a command that continues a session in a terminal, and none for an id that is not safe', () => {
  expect(takeOverCommand('claude-code 2.1.332', 'abc-1')).toEqual(['claude', '--resume', 'abc-1'])
  expect(takeOverCommand('copilot', 'abc-1')).toEqual(['copilot', '--resume=abc-1'])
  for (const id of ['--help', '../x', 'a b', '', '$(x)']) expect(takeOverCommand('codex', id)).toBeNull()
  expect(takeOverCommand('other', 'abc-1')).toBeNull()
})

it('leaves the command of an agent that speaks ACP as it is, because the bridge resumes the session', () => {
  const resumed = (...command: string[]) => sessionCommand({ command, driver: 'acp' }, { resume: 's-1' })
  expect(resumed('/bin/claude-agent-acp')).toEqual(['/bin/claude-agent-acp'])
  expect(resumed('npx', '--yes', '@agentclientprotocol/codex-acp@2.6.0')).not.toBeNull()
  expect(resumed('opencode', 'acp')).toEqual(['opencode', 'acp'])
  expect(resumed('gemini', '--acp'), 'a load would destroy it').toBeNull()
  expect(resumed('my-agent')).toBeNull()
  expect(sessionCommand({ command: ['codex-acp'], driver: 'acp' }, { begin: 's-1' })).toBeNull()
})
