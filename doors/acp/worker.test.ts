import { expect, describe, it } from 'vitest'
import type { Scenario } from './testing/scenario.ts'
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
      { acp: 'start', agent: 'fake-agent 1.0.0', session: 'session-1', how: 'new', mode: null },
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
    expect(run).toMatchObject({ exit_code: 0, summary: 'Done, really.' })
    expect(lines.filter(({ acp }) => acp === 'end')).toHaveLength(2)
  })

  it('completes the task when it reports once it is asked to', async () => {
    const { run } = await runOnce({ turns: [[{ say: 'All done!' }], [REPORT]] })
    expect(run).toMatchObject({ outcome: 'completed', summary: 'It shines' })
  })
})

describe('an agent that speaks ACP and fails', () => {
  it('fails its run with the words of the agent, not with an event', async () => {
    const details = { details: 'the brass melted' }
    const { run } = await runOnce({
      turns: [[{ error: { code: -32603, message: 'Internal error', data: details } }]],
    })

    expect(run).toMatchObject({ outcome: 'crashed', exit_code: 1 })
    expect(run.error).toContain('Internal error: the brass melted')
    expect(run.headline).not.toMatch(/^\{/)
  })

  it('at a limit waits for its end', async () => {
    const { run } = await runOnce({
      turns: [[{ error: { code: -32603, message: 'Limit', data: { errorKind: 'rate_limit' } } }]],
    })
    expect(run.outcome).toBe('rate_limited')
  })

  it('and cannot be started says why', async () => {
    const { run } = await runOnce({ turns: [] }, { command: ['no-such-agent'] })
    expect(run.error).toContain('“no-such-agent” is not installed')
  })
})
