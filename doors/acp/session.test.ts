import { describe, expect, it } from 'vitest'
import { runDirect } from './testing/direct.ts'
import type { Scenario } from './testing/scenario.ts'

const modes = (current: string, ...ids: string[]) => ({
  modes: { currentModeId: current, availableModes: ids.map((id) => ({ id, name: id })) },
})
const methods = (run: { got: () => Record<string, unknown>[] }) => run.got().map(({ got }) => got)

describe('the mode of a session', () => {
  it('is that of the profile, and set before the first prompt', async () => {
    const session = modes('auto', 'auto', 'plan', 'default')
    const run = await runDirect({ session, turns: [[]] }, { mode: 'plan' })
    expect(methods(run)).toEqual(['initialize', 'session/new', 'session/set_mode', 'session/prompt'])
    expect(run.got('session/set_mode')[0]?.params).toMatchObject({ modeId: 'plan' })
    expect(run.lines[0]).toMatchObject({ acp: 'start', mode: 'plan' })
  })

  it.each([
    ['@agentclientprotocol/claude-agent-acp', 'default'],
    ['codex-acp', 'workspace-write'],
    ['qwen-code', 'default'],
    ['gemini-cli', 'default'],
  ])('of %s is never one in which a model decides', async (name, mode) => {
    const offered = ['auto', 'agent', 'default', 'acceptEdits', 'workspace-write', 'autoEdit']
    const { got } = await runDirect({ name, session: modes('auto', ...offered), turns: [[]] })
    expect(got('session/set_mode').map(({ params }) => params.modeId as string)).toEqual([mode])
  })

  it('is set as an option if the agent offers it as one', async () => {
    const values = [{ group: 'g', options: [{ value: 'agent' }, { value: 'read-only' }] }]
    const option = { id: 'mode', category: 'mode', currentValue: 'agent', options: values }
    const { got } = await runDirect(
      { session: { configOptions: [option] }, turns: [[]] },
      { mode: 'read-only' },
    )
    expect(got('session/set_config_option')[0]?.params).toMatchObject({
      configId: 'mode',
      value: 'read-only',
    })
  })

  it.each([
    [modes('auto', 'auto', 'default'), 'acp_mode is plan, but this agent offers auto, default.'],
    [{}, 'acp_mode is plan, but this agent has no modes.'],
  ])('that an agent does not offer fails the run before the first prompt', async (session, message) => {
    const { code, got, lines } = await runDirect({ session, turns: [[]] }, { mode: 'plan' })
    expect(lines).toMatchObject([{ acp: 'error', message }])
    expect(got('session/prompt')).toEqual([])
    expect(code).toBe(1)
  })

  it('of an unknown agent is the agent’s own, and the log says so', async () => {
    const { got, lines } = await runDirect({ session: modes('build', 'build', 'plan'), turns: [[]] })
    expect(got('session/set_mode')).toEqual([])
    expect(lines[1]).toEqual({ acp: 'note', text: 'mode build, the agent’s own; it offers build, plan' })
  })
})

describe('the model of a session', () => {
  const models = {
    models: { currentModelId: 'small', availableModels: [{ modelId: 'small' }, { modelId: 'big' }] },
  }

  it('is that of the task', async () => {
    const option = {
      id: 'model',
      category: 'model',
      currentValue: 'a',
      options: [{ value: 'a' }, { value: 'b' }],
    }
    const { got } = await runDirect({ session: { configOptions: [option] }, turns: [[]] }, { model: 'b' })
    expect(got('session/set_config_option')[0]?.params).toMatchObject({ configId: 'model', value: 'b' })
  })

  it('that an agent does not offer fails the run', async () => {
    const { lines } = await runDirect({ session: models, turns: [[]] }, { model: 'huge' })
    expect(lines).toMatchObject([{ message: 'The model is huge, but this agent offers small, big.' }])
  })
})

describe('a session of an earlier run', () => {
  const capable = { loadSession: true, sessionCapabilities: { resume: {} } }
  const open = (scenario: Partial<Scenario>) =>
    runDirect({ turns: [[]], ...scenario }, { resume: 'session-0' })

  it('is resumed if the agent can resume', async () => {
    const run = await open({ capabilities: capable, resume: 'accepts' })
    expect(methods(run)).toEqual(['initialize', 'session/resume', 'session/prompt'])
    expect(run.got('session/prompt')[0]?.params.sessionId).toBe('session-0')
    expect(run.lines[0]).toMatchObject({ acp: 'start', session: 'session-0', how: 'resumed' })
  })

  it('is loaded if the agent cannot resume, and its history is not logged again', async () => {
    const run = await open({
      capabilities: { loadSession: true },
      load: 'accepts',
      history: [{ say: 'What I said before' }],
      turns: [[{ say: 'Something new' }]],
    })
    expect(methods(run)).toEqual(['initialize', 'session/load', 'session/prompt'])
    expect(run.lines[0]).toMatchObject({ how: 'loaded' })
    expect(run.lines.filter(({ acp }) => acp === 'said')).toEqual([{ acp: 'said', text: 'Something new' }])
  })

  it('that the agent refuses ends this process before its first prompt, so that the run begins again', async () => {
    const run = await open({ capabilities: capable, resume: 'refuses', load: 'refuses' })
    expect(methods(run)).toEqual(['initialize', 'session/resume', 'session/load'])
    expect(run.code).toBe(1)
    expect(run.lines).toMatchObject([
      { acp: 'error', message: 'The agent refused to resume session session-0: No conversation found' },
    ])
  })

  it.each([
    ['of Gemini CLI is not loaded, because that destroys it', 'gemini-cli', { loadSession: true }],
    ['of an agent that keeps none is refused', 'other', {}],
  ])('%s', async (_name, name, capabilities) => {
    const run = await open({ name, capabilities, load: 'accepts' })
    expect(methods(run)).toEqual(['initialize'])
    expect(run.lines).toMatchObject([{ message: expect.stringContaining('cannot resume any') as string }])
  })
})

it('the log says what the agent offers, and leaves out what it says it cannot do', async () => {
  const models = { availableModels: [{ modelId: 'small' }, { modelId: 'big' }] }
  const sessionCapabilities = { resume: {}, fork: null, list: {} }
  const { lines } = await runDirect({
    capabilities: { loadSession: true, sessionCapabilities },
    session: { ...modes('default', 'default', 'plan'), models },
    turns: [[]],
  })
  expect(lines[0]).toMatchObject({
    offers: {
      sessions: ['load', 'resume', 'list'],
      modes: ['default', 'plan'],
      models: ['small', 'big'],
    },
  })
})

it('a session is closed at the end, where the agent can, so that it ends what it has started', async () => {
  const can = await runDirect({ capabilities: { sessionCapabilities: { close: {} } }, turns: [[]] })
  expect(methods(can).at(-1)).toBe('session/close')
  const cannot = await runDirect({ turns: [[]] })
  expect(methods(cannot)).not.toContain('session/close')
})

describe('our own MCP server', () => {
  const server = { name: 'runboard', command: '/bin/runboard', args: ['mcp', '--worker'], env: [] }

  it('is passed to an agent with each session', async () => {
    const { got } = await runDirect({ turns: [[]] }, { mcpServers: [server] })
    expect(got('session/new')[0]?.params.mcpServers).toEqual([server])
  })

  it('is not passed to Copilot CLI, which would refuse the session', async () => {
    const { got } = await runDirect({ name: 'copilot', turns: [[]] }, { mcpServers: [server] })
    expect(got('session/new')[0]?.params.mcpServers).toEqual([])
  })

  it('has its tools allowed in advance for Claude', async () => {
    const { got } = await runDirect({ name: 'claude-agent-acp', turns: [[]] }, { mcpServers: [server] })
    expect(got('session/new')[0]?.params._meta).toEqual({
      claudeCode: { options: { allowedTools: ['mcp__runboard'] } },
    })
  })
})
