import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../cli/run.ts'
import { Memory, runCli } from '../cli/test-run.ts'
import { type Desk, openDesk, type Variables } from './test-client.ts'

let desk: Desk

beforeEach(async () => {
  desk = await openDesk()
})

afterEach(() => {
  desk.remove()
})

interface Message {
  id?: number
  method?: string
  result?: any // eslint-disable-line @typescript-eslint/no-explicit-any -- tests know what they look for
  error?: { code: number; message: string }
}

const HELLO = [
  {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2024-11-05',
      capabilities: {},
      clientInfo: { name: 'pipe', version: '1' },
    },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
]

function toolCall(id: number, name: string, given: Record<string, unknown>): Record<string, unknown> {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: given } }
}

/** Sends everything at once and closes, as a shell's pipe does. */
async function pipe(messages: readonly (object | string)[], env: Variables = {}) {
  const text = messages.map((message) => (typeof message === 'string' ? message : JSON.stringify(message)))
  const ran = await runCli(['mcp'], {
    cwd: desk.home,
    env: { RUNBOARD_HOME: desk.home, USER: 'ada', ...env },
    stdin: `${text.join('\n')}\n`,
  })
  const answers = ran.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Message)
  return { code: ran.code, stderr: ran.stderr, answers, byId: new Map(answers.map((one) => [one.id, one])) }
}

describe('standard input', () => {
  it('may be closed at once: requests are answered first', async () => {
    const { code, stderr, byId } = await pipe([
      ...HELLO,
      toolCall(2, 'create', { title: 'One' }),
      toolCall(3, 'list', {}),
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(byId.get(1)?.result).toMatchObject({
      protocolVersion: '2024-11-05',
      serverInfo: { name: 'runboard' },
    })
    expect(byId.get(2)?.result.structuredContent.task).toMatchObject({ title: 'One', created_by: 'ada' })
    expect(byId.get(3)?.result.isError).toBeUndefined()
    expect((await desk.runboard('list')).tasks).toHaveLength(1)
  })

  it('may contain invalid messages, and calls of unknown tools', async () => {
    const { code, byId } = await pipe([
      'no json',
      ...HELLO,
      '{"jsonrpc":"2.0"}',
      '[]',
      toolCall(2, 'constructor', {}),
      { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'show', arguments: [1] } },
      { jsonrpc: '2.0', id: 4, method: 'nothing/here' },
      toolCall(5, 'list', {}),
    ])
    expect(code).toBe(0)
    expect(byId.get(2)).toMatchObject({ error: { message: expect.stringContaining('constructor') } })
    expect(byId.get(3)).toMatchObject({ error: { code: expect.any(Number) } })
    expect(byId.get(4)).toMatchObject({ error: { code: -32601 } })
    expect(byId.get(5)?.result.structuredContent).toEqual({ tasks: [] })
  })

  it('that ends without a message ends the server', async () => {
    expect(await pipe([])).toMatchObject({ code: 0, answers: [] })
  })
})

it('may still be open when the server is aborted', async () => {
  const ending = new AbortController()
  const ended = run(['mcp'], {
    env: { RUNBOARD_HOME: desk.home },
    stdin: new PassThrough(),
    stdout: new Memory(),
    stderr: new Memory(),
    cwd: desk.home,
    signal: ending.signal,
  })
  ending.abort()
  expect(await ended).toBe(0)
})

describe('mcp --worker', () => {
  const worker = { RUNBOARD_RUN: '1', RUNBOARD_TASK: 't_0000000a' }

  it.each<[string, Variables, string[]]>([
    ['no run and no task', {}, ['RUNBOARD_RUN', 'RUNBOARD_TASK']],
    ['no run', { RUNBOARD_TASK: 't_0000000a' }, ['RUNBOARD_RUN']],
    ['a blank run', { ...worker, RUNBOARD_RUN: '' }, ['RUNBOARD_RUN']],
    ['a run that is not a number', { ...worker, RUNBOARD_RUN: 'one' }, ['RUNBOARD_RUN']],
    ['no task', { RUNBOARD_RUN: '1' }, ['RUNBOARD_TASK']],
  ])('refuses to start with %s', async (_what, env, variables) => {
    const home = `${desk.home}/none`
    const ran = await runCli(['mcp', '--worker', '--json'], {
      cwd: desk.home,
      env: { RUNBOARD_HOME: home, ...env },
    })
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' })
    expect(ran.error()).toMatchObject({ code: 'INVALID_INPUT', data: { variables } })
  })

  it.each(['${RUNBOARD_RUN}', '$RUNBOARD_RUN', '{env:RUNBOARD_RUN}'])(
    'without --worker, too, names a variable that was not filled in: %s',
    async (value) => {
      for (const flags of [['--worker'], []]) {
        const ran = await runCli(['mcp', ...flags], {
          cwd: desk.home,
          env: { ...worker, RUNBOARD_RUN: value },
        })
        expect(ran.code).toBe(2)
        expect(ran.stderr).toContain('RUNBOARD_RUN')
      }
    },
  )
})

describe('mcp --print-config', () => {
  const VARIABLES = [
    'RUNBOARD_HOME',
    'RUNBOARD_BOARD',
    'RUNBOARD_TASK',
    'RUNBOARD_RUN',
    'RUNBOARD_CLAIM',
    'RUNBOARD_PROFILE',
  ]
  const cli = { path: '/opt/runboard/cli.cjs', runtime: '/opt/node "1"', electron: false }
  const byName = (write: (name: string) => string) =>
    Object.fromEntries(VARIABLES.map((name) => [name, write(name)]))
  const command = { command: cli.runtime, args: [cli.path, 'mcp', '--worker'] }

  async function printed(agent: string, env: Variables = {}): Promise<string> {
    const ran = await runCli(['mcp', '--print-config', agent], { cwd: '/', env, cli })
    expect(ran.code).toBe(0)
    expect(ran.stderr).toContain('this goes into')
    return ran.stdout
  }

  it('for Claude Code', async () => {
    expect(JSON.parse(await printed('claude-code'))).toEqual({
      mcpServers: { runboard: { ...command, env: byName((name) => `\${${name}}`) } },
    })
  })

  it('for Codex', async () => {
    expect(await printed('codex')).toBe(
      `[mcp_servers.runboard]
command = "/opt/node \\"1\\""
args = ["/opt/runboard/cli.cjs","mcp","--worker"]
env_vars = ${JSON.stringify(VARIABLES)}
default_tools_approval_mode = "approve"
`,
    )
  })

  it('for Gemini CLI', async () => {
    expect(JSON.parse(await printed('gemini'))).toEqual({
      mcpServers: { runboard: { ...command, env: byName((name) => `$${name}`) } },
    })
  })

  it('for OpenCode', async () => {
    expect(JSON.parse(await printed('opencode'))).toMatchObject({
      mcp: {
        runboard: {
          type: 'local',
          command: [cli.runtime, cli.path, 'mcp', '--worker'],
          environment: byName((name) => `{env:${name}}`),
        },
      },
    })
  })

  it('uses the command that workers get, if there is one', async () => {
    const { mcpServers } = JSON.parse(
      await printed('claude-code', { RUNBOARD_BIN: '/home/ada/bin/runboard' }),
    )
    expect(mcpServers.runboard).toMatchObject({
      command: '/home/ada/bin/runboard',
      args: ['mcp', '--worker'],
    })
  })

  it('makes Electron run as Node', async () => {
    const ran = await runCli(['mcp', '--print-config', 'codex', '--json'], {
      cwd: '/',
      cli: { ...cli, electron: true },
    })
    expect(ran.json()).toMatchObject({
      agent: 'codex',
      content: expect.stringContaining('env = { ELECTRON_RUN_AS_NODE = "1" }'),
    })
  })

  it('for an unknown agent is wrong usage that lists the known ones', async () => {
    const ran = await runCli(['mcp', '--print-config', 'constructor'])
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('claude-code, codex, gemini, opencode')
  })
})
