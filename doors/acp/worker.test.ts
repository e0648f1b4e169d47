import { expect, describe, it } from 'vitest'
import { writeProgram } from '../../kernel/testing/worker-setup.ts'
import { processesOf } from '../../kernel/testing/aftermath.ts'
import { until } from '../../kernel/testing/until.ts'
import { asksToRun, type Scenario } from './testing/scenario.ts'
import { setupBridge } from './testing/setup.ts'

const REPORT = { runboard: ['complete', '--summary', 'It shines'] }

/** Runs one task with an agent that follows the scenario. */
async function runOnce(scenario: Scenario, fields: Record<string, unknown> = {}) {
  const bundle = await setupBridge()
  await bundle.bridged('agent', scenario, fields)
  const { id } = await bundle.create({ title: 'Polish the brass', assignee: 'agent' })
  await bundle.drain()
  const [run] = await bundle.runs(id)
  const task = await bundle.task(id)
  const got = bundle.record().filter(({ got: method }) => method !== undefined)
  return { ...bundle, run: run!, task, got, log: bundle.log(run!), lines: bundle.lines(run!) }
}

describe('a worker whose agent speaks ACP', () => {
  it('gets the context as its first prompt, and completes the task by its report', async () => {
    const say = [{ say: 'Look' }, { say: 'ing.' }, { think: 'Hm.' }, REPORT, { say: 'Done.' }]
    const { got, lines, run, task } = await runOnce({ turns: [say] })

    expect(run).toMatchObject({ outcome: 'completed', summary: 'It shines', exit_code: 0 })
    expect(run.command?.slice(1, 3)).toEqual(['acp', '--'])
    expect(task.status).toBe('done')
    expect(got.map(({ got: method }) => method)).toEqual(['initialize', 'session/new', 'session/prompt'])
    expect(got[2]?.params.prompt[0].text).toContain('Polish the brass')
    expect(lines).toEqual([
      {
        acp: 'start',
        agent: 'fake-agent 1.0.0',
        session: 'session-1',
        how: 'new',
        mode: null,
        offers: { sessions: [], modes: [], models: [] },
      },
      { acp: 'said', text: 'Looking.' },
      { acp: 'thought', text: 'Hm.' },
      { acp: 'said', text: 'Done.' },
      { acp: 'end', reason: 'end_turn' },
    ])
  })

  it('gets our MCP server with the variables of its run, and reports by it', async () => {
    const { got, record, run } = await runOnce({
      turns: [[{ tool: 'complete', input: { summary: 'By a tool' } }]],
    })

    expect(run).toMatchObject({ outcome: 'completed', summary: 'By a tool' })
    expect(record().find(({ tool }) => tool === 'complete')?.result.isError).not.toBe(true)
    const [server] = got[1]!.params.mcpServers
    expect(server).toMatchObject({ name: 'runboard', args: ['mcp', '--worker'] })
    expect(server.env.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['RUNBOARD_CLAIM', 'RUNBOARD_RUN', 'RUNBOARD_TASK']),
    )
  })

  it('is asked once for a report that is missing at the end of its turn, and is then unreported', async () => {
    const { got, lines, run, task } = await runOnce({
      turns: [[{ say: 'All done!' }], [{ say: 'Done, really.' }]],
    })

    const prompts = got.filter(({ got: method }) => method === 'session/prompt')
    expect(prompts).toHaveLength(2)
    expect(prompts[1]?.params.prompt[0].text).toContain('no report yet')
    expect(task).toMatchObject({ status: 'blocked', block_kind: 'unreported' })
    expect(run.exit_code).toBe(0)
    expect(lines.filter(({ acp }) => acp === 'end')).toHaveLength(2)
  })

  it('completes the task if it reports when it is asked to', async () => {
    const { run } = await runOnce({ turns: [[{ say: 'All done!' }], [REPORT]] })
    expect(run).toMatchObject({ outcome: 'completed', summary: 'It shines' })
  })
})

describe('an agent that speaks ACP and fails', () => {
  it('fails its run with the agent’s own message, not with a raw event', async () => {
    const details = { details: 'the brass melted' }
    const { run } = await runOnce({
      turns: [[{ error: { code: -32603, message: 'Internal error', data: details } }]],
    })

    expect(run).toMatchObject({ outcome: 'crashed', exit_code: 1 })
    expect(run.error).toContain('Internal error: the brass melted')
    expect(run.headline).not.toMatch(/^\{/)
  })

  it('at a rate limit ends its run as rate_limited', async () => {
    const { run } = await runOnce({
      turns: [[{ error: { code: -32603, message: 'Limit', data: { errorKind: 'rate_limit' } } }]],
    })
    expect(run.outcome).toBe('rate_limited')
  })

  it('because it cannot be started says why', async () => {
    const { run } = await runOnce({ turns: [] }, { command: ['no-such-agent'] })
    expect(run.error).toContain('“no-such-agent” is not installed')
  })
})

describe('a permission that an agent asks for', () => {
  it('is decided by the rules of the profile, else by a person while the run continues', async () => {
    const bundle = await setupBridge()
    const { bridged, call, create, drain, record, runs, task } = bundle
    const turns = [[asksToRun('npm test'), asksToRun('rm -r brass'), REPORT]]
    await bridged('agent', { turns }, { allowed_commands: ['npm test'] })
    const { id } = await create({ assignee: 'agent' })

    const drained = drain()
    const question = await until(async () => (await call('question.list', {})).questions[0])
    expect(question).toMatchObject({ kind: 'permission', title: 'Bash: rm -r brass', state: 'open' })
    expect((await task(id)).status).toBe('running')
    await call('question.answer', { question: String(question.id), option: 'deny', text: 'Keep it' })
    await drained

    const answers = record().filter(({ answered }) => answered !== undefined)
    expect(answers.map(({ result }) => result.outcome.optionId as string)).toEqual(['yes', 'no'])
    expect((await runs(id))[0]).toMatchObject({ outcome: 'completed' })
  })

  it('is withdrawn when the run is stopped', async () => {
    const { bridged, call, create, drain, runs } = await setupBridge()
    await bridged('agent', { turns: [[asksToRun('rm -r brass'), REPORT]] })
    const { id } = await create({ assignee: 'agent' })

    const drained = drain()
    await until(async () => (await call('question.list', {})).questions[0])
    await call('task.stop', { id })
    await drained

    expect((await runs(id))[0]).toMatchObject({ outcome: 'stopped' })
    expect((await call('question.list', { task_id: id, all: true })).questions).toMatchObject([
      { state: 'withdrawn' },
    ])
  })
})

describe('a stopped worker whose agent speaks ACP', () => {
  it('cancels the turn of its agent, and ends in order', async () => {
    const { bridged, call, create, drain, lines, record, runs } = await setupBridge()
    await bridged('agent', { turns: [[{ say: 'On it' }, { hang: true }]] })
    const { id } = await create({ assignee: 'agent' })

    const drained = drain()
    await until(() => record().some(({ got }) => got === 'session/prompt'))
    await call('task.stop', { id })
    await drained

    const [run] = await runs(id)
    expect(run).toMatchObject({ outcome: 'stopped', signal: 'SIGTERM' })
    expect(record().map(({ got }) => got as string)).toContain('session/cancel')
    expect(lines(run!).filter(({ acp }) => acp === 'error')).toEqual([])
  })

  it('leaves no process of an agent that ignores the stop', async () => {
    const { bridged, call, create, drain, home, record, runs } = await setupBridge()
    await bridged('agent', { turns: [[{ hang: true }]], ignoresCancel: true, ignoresStop: true })
    const { id } = await create({ assignee: 'agent' })

    const drained = drain()
    await until(() => record().some(({ got }) => got === 'session/prompt'))
    await call('task.stop', { id })
    await drained

    expect((await runs(id))[0]?.outcome).toBe('stopped')
    expect(await processesOf(home)).toEqual([])
  }, 60_000)
})

describe('the next attempt of an agent that speaks ACP', () => {
  const failing = [{ say: 'Half done' }, { error: { code: -32603, message: 'Overheated' } }]
  const capabilities = { sessionCapabilities: { resume: {} } }

  /** Runs two attempts of an agent that is known by the name of its program. */
  async function twoAttempts(second: Partial<Scenario>) {
    const bundle = await setupBridge()
    const { bridged, call, create, drain, path, agent, runs, record } = bundle
    await bridged('codex', { name: 'codex-acp', capabilities, turns: [failing] }, { command: ['x'] })
    const first = agent({ name: 'codex-acp', capabilities, turns: [failing] }, 'first')
    const next = agent({ name: 'codex-acp', capabilities, turns: [[REPORT]], ...second }, 'next')
    const script = ([program = '', ...args]: string[]) =>
      `#!/bin/sh\nexec '${program}' '${args.join("' '")}'\n`
    writeProgram(path('codex-acp'), script(first))
    await call('profile.set', { name: 'codex', fields: { command: [path('codex-acp')] } })
    const { id } = await create({ title: 'Polish the brass', assignee: 'codex', max_retries: 1 })
    await drain()
    writeProgram(path('codex-acp'), script(next))
    await call('task.unblock', { id })
    await drain()
    return { ...bundle, runs: await runs(id), got: record('next').filter(({ got }) => got !== undefined), id }
  }

  it('resumes the session of the one before, with what is new only', async () => {
    const { got, lines, runs } = await twoAttempts({ resume: 'accepts' })
    expect(runs).toMatchObject([
      { agent: 'codex 1.0.0', agent_session_id: 'session-1', outcome: 'crashed' },
      { agent_session_id: 'session-1', resumed_from_run: 1, session_choice: 'resumed', outcome: 'completed' },
    ])
    expect(got.map(({ got: method }) => method as string)).toEqual([
      ...['initialize', 'session/resume', 'session/prompt'],
    ])
    expect(got[2]?.params.prompt[0].text).toContain('Overheated')
    expect(lines(runs[1]!)[0]).toMatchObject({ acp: 'start', how: 'resumed' })
  })

  it('begins again within its run, with the whole context, where the agent refuses', async () => {
    const { call, got, runs } = await twoAttempts({ resume: 'refuses' })
    expect(runs).toHaveLength(2)
    expect(runs[1]).toMatchObject({ session_choice: 'refused', outcome: 'completed', resumed_from_run: null })
    const prompts = got.filter(({ got: method }) => method === 'session/prompt')
    expect(prompts).toHaveLength(1)
    expect(prompts[0]?.params.prompt[0].text).toContain('Polish the brass')
    const { events } = await call('run.show', { id: runs[1]!.id })
    expect(events.map(({ kind }) => kind)).toContain('session_refused')
  })
})

describe('a message to an agent that speaks ACP', () => {
  it('reaches it while it works, and its row says how', async () => {
    const { agent, call, create, drain, lines, open, path, record, runs } = await setupBridge()
    const turns = [[{ say: 'On it\n' }, { await: path('gate') }, REPORT]]
    const command = agent({ name: 'codex-acp', turns, steering: 'accepts' })
    await call('profile.add', { name: 'agent', command, driver: 'acp' })
    const { id } = await create({ assignee: 'agent' })

    const drained = drain()
    await until(() => record().some(({ got }) => got === 'session/prompt'))
    const told = await call('message.tell', { id, body: 'Use the old brass' })
    expect(told).toMatchObject({ message: { state: 'queued' } })
    expect(told.warnings).toBeUndefined()
    await until(() => record().some(({ got }) => got === '_session/steering'))
    await until(async () => (await call('message.list', { id })).messages[0]?.delivered_at)
    open('gate')
    await drained

    expect((await call('message.list', { id })).messages).toMatchObject([
      { state: 'delivered', delivered_how: 'during the turn' },
    ])
    const [run] = await runs(id)
    expect(lines(run!)).toContainEqual({ acp: 'told', text: 'Use the old brass', how: 'during the turn' })
  })
})
