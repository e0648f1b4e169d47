import { describe, expect, it } from 'vitest'
import { PRESETS, WORKER_VARIABLES } from './presets.ts'
import { buildCommand, type CommandValues } from '../workers/spawn/command.ts'

const VALUES: CommandValues = {
  prompt: 'the whole context',
  context_file: '/run/1.context.md',
  task_id: 't_00000000',
  title: 'A title',
  workspace: '/workspace',
  model: null,
  skills: null,
}

const preset = (name: string) => {
  const found = PRESETS.get(name)
  if (found === undefined) throw new Error(`no preset ${name}`)
  return found
}
const commandOf = (name: string, values: Partial<CommandValues> = {}) =>
  buildCommand(preset(name), { ...VALUES, ...values })
/** The values after each occurrence of a flag. */
const after = (argv: readonly string[], flag: string) =>
  argv.flatMap((element, index) => (element === flag ? [argv[index + 1] ?? ''] : []))

describe('a preset', () => {
  it.each([...PRESETS.keys()])(
    '%s gives its worker the context in a way that has no length limit',
    (name) => {
      const { shell, stdin } = preset(name)
      const given =
        stdin === 'context' ||
        shell?.includes('$RUNBOARD_CONTEXT_FILE') === true ||
        commandOf(name).includes(VALUES.context_file ?? '')

      expect(given).toBe(true)
      expect(commandOf(name)).not.toContain(VALUES.prompt)
    },
  )

  // The bridge chooses the model of a session where the command has no place for it.
  const bridged = ['claude-acp', 'codex-acp', 'opencode-acp']
  it.each([...PRESETS.keys()].filter((name) => name !== 'shell' && !bridged.includes(name)))(
    '%s passes on the requested model, and no flag without one',
    (name) => {
      expect(after(commandOf(name, { model: 'best' }), '--model')).toEqual(['best'])
      expect(commandOf(name)).not.toContain('--model')
    },
  )

  it.each([...PRESETS.values()])(
    '$name has a pattern that recognises a rate limit',
    ({ name, rate_limit_pattern }) => {
      if (name === 'shell') return
      const pattern = new RegExp(rate_limit_pattern ?? '', 'i')
      for (const line of [
        'HTTP 429',
        'Usage limit reached',
        "You've hit your session limit",
        'rate_limit_error',
        'Too Many Requests',
      ]) {
        expect(line).toMatch(pattern)
      }
      expect('all 1429 tests pass').not.toMatch(pattern)
    },
  )
})

describe('the MCP server of Runboard', () => {
  const server = { command: 'runboard', args: ['mcp', '--worker'] }

  it('is given to Claude Code, with each variable by name, and its tools are allowed', () => {
    const argv = commandOf('claude-code')
    const [config = ''] = after(argv, '--mcp-config')
    const env = Object.fromEntries(WORKER_VARIABLES.map((name) => [name, `\${${name}}`]))
    expect(JSON.parse(config)).toEqual({ mcpServers: { runboard: { ...server, env } } })
    expect(after(argv, '--allowedTools')[0]?.split(',')).toContain('mcp__runboard')
  })

  it('is given to Codex, with each variable by name, and its tools are allowed', () => {
    expect(after(commandOf('codex'), '-c')).toEqual([
      'mcp_servers.runboard.command="runboard"',
      'mcp_servers.runboard.args=["mcp","--worker"]',
      `mcp_servers.runboard.env_vars=${JSON.stringify(WORKER_VARIABLES)}`,
      'mcp_servers.runboard.default_tools_approval_mode="approve"',
    ])
  })

  it('is given to OpenCode by its environment', () => {
    const content = preset('opencode').env['OPENCODE_CONFIG_CONTENT'] ?? ''
    expect(JSON.parse(content)).toEqual({
      mcp: { runboard: { type: 'local', command: ['runboard', 'mcp', '--worker'], enabled: true } },
    })
  })
})
