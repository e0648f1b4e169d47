import { describe, expect, it } from 'vitest'
import { type DirectRun, FakeBoard, runDirect, startDirect as start } from './testing/direct.ts'
import { until } from '../../kernel/testing/until.ts'
import type { Scenario } from './testing/scenario.ts'

/** A board whose run is still open after this number of turns. */
function openFor(turns: number): FakeBoard {
  const board = new FakeBoard()
  board.reports_after = turns + 1
  return board
}

/** Starts an agent that says something and then does not end its turn. */
async function startedHanging(scenario: Scenario): Promise<DirectRun> {
  const run = start(scenario)
  await run.until(({ acp }) => acp === 'said')
  return run
}

describe('the bridge', () => {
  it('asks once for a report that is missing at the end of a turn', async () => {
    const { code, got, lines } = await runDirect(
      { turns: [[{ say: 'Done' }], [{ say: 'Really' }]] },
      {},
      openFor(9),
    )

    const prompts = got('session/prompt').map(({ params }) => params.prompt[0].text as string)
    expect(prompts).toEqual(['Polish the brass', expect.stringContaining('no report yet')])
    expect(code).toBe(0)
    expect(lines.map(({ acp }) => acp)).toEqual(['start', 'said', 'end', 'asked', 'said', 'end'])
  })

  it('says which version of the protocol it speaks, and that it can show a form', async () => {
    const { got } = await runDirect({ turns: [[]] })
    expect(got('initialize')[0]?.params).toMatchObject({
      protocolVersion: 1,
      clientCapabilities: { elicitation: { form: {} }, terminal: false },
    })
  })

  it('writes the session down before the first prompt, for a later attempt', async () => {
    const { lines } = await runDirect({ name: 'brass', turns: [[{ die: 1 }]] })
    expect(lines[0]).toMatchObject({ acp: 'start', agent: 'brass 1.0.0', session: 'session-1' })
  })

  it('answers a request that it does not know with an error, and continues', async () => {
    const { code, record } = await runDirect({
      turns: [[{ request: 'fs/read_text_file', params: { path: '/etc/passwd' } }]],
    })
    expect(record().find(({ answered }) => answered)).toMatchObject({ error: { code: -32601 } })
    expect(code).toBe(0)
  })

  it('does not pass ELECTRON_RUN_AS_NODE on to the agent', async () => {
    const { record } = await runDirect(
      { turns: [[{ runboard: ['-e', 'process.exit(process.env.ELECTRON_RUN_AS_NODE ? 9 : 0)'] }]] },
      { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', RUNBOARD_BIN: process.execPath } },
    )
    expect(record().find(({ runboard }) => runboard)).toMatchObject({ status: 0 })
  })
})

describe('an agent that fails', () => {
  const thread = (type: string) => ({
    update: { sessionUpdate: 'session_info_update', _meta: { codex: { threadStatus: { type } } } },
  })
  const failures: [string, Scenario['turns'][number], Record<string, unknown>][] = [
    [
      'with an error of its API',
      [{ error: { code: -32603, message: 'Internal error', data: { details: 'too hot' } } }],
      { message: 'Internal error: too hot', code: '-32603', rate_limit: null },
    ],
    [
      'at a rate limit that it names',
      [
        {
          error: {
            code: -32603,
            message: 'Limit',
            data: { errorKind: 'rate_limit', resetsAt: 1_800_000_000 },
          },
        },
      ],
      { rate_limit: true, resets_at: 1_800_000_000_000 },
    ],
    [
      'because nobody is logged in',
      [{ error: { code: -32000, message: 'Authentication required' } }],
      { message: 'Authentication required Log in with the agent’s own command.' },
    ],
    [
      'by ending in the middle of a turn',
      [{ say: 'Let me' }, { stderr: 'Segfault in the brass' }, { die: 3 }],
      { message: 'The agent ended in the middle of a turn, with exit code 3: Segfault in the brass' },
    ],
    ['by a signal', [{ die: 'SIGKILL' }], { message: 'The agent ended in the middle of a turn, by SIGKILL' }],
    [
      'by a turn that ends as usual, with the failure only in the state of its thread',
      [thread('systemError')],
      { message: 'Codex reports systemError' },
    ],
    ['by refusing', [{ end: 'refusal' }], { message: 'The agent refused to continue.' }],
    [
      'by running out of tokens',
      [{ end: 'max_tokens' }],
      { message: expect.stringContaining('ran out of tokens') as string },
    ],
  ]
  it.each(failures)('%s ends the run with an error as its last line', async (_name, steps, expected) => {
    const { code, lines } = await runDirect({ turns: [steps] }, {}, openFor(9))
    expect(lines.at(-1)).toMatchObject({ acp: 'error', final: true, ...expected })
    expect(code).toBe(1)
  })

  it('does not fail the run if it recovers in the same turn', async () => {
    const { code } = await runDirect({ turns: [[thread('systemError'), thread('active')]] })
    expect(code).toBe(0)
  })

  it('after its report does not fail the run', async () => {
    const { lines } = await runDirect({ turns: [[{ end: 'refusal' }]] })
    expect(lines.filter(({ acp }) => acp === 'error')).toEqual([])
  })

  it('before its first answer ends the run with an error that says so', async () => {
    const { lines } = await runDirect({ turns: [] }, { command: [process.execPath, '-e', 'process.exit(4)'] })
    expect(lines).toMatchObject([
      { acp: 'error', message: 'The agent ended before its session had begun, with exit code 4' },
    ])
  })
})

describe('a worker that is asked to stop', () => {
  it('cancels the turn of its agent, and ends with it', async () => {
    const run = await startedHanging({ turns: [[{ say: 'On it' }, { hang: true }]] })

    run.abort()

    expect(await run.ended).toBe(143)
    expect(run.got('session/cancel')).toHaveLength(1)
    expect(run.lines.at(-1)).toEqual({ acp: 'said', text: 'On it' })
  })

  it('does not wait long for an agent that ignores it', async () => {
    const run = await startedHanging({
      turns: [[{ say: 'On it' }, { hang: true }]],
      ignoresCancel: true,
      ignoresStop: true,
    })
    const pid = run.record()[0]?.started as number

    run.abort()

    expect(await run.ended).toBe(143)
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
  }, 20_000)

  it('before the agent has answered ends at once', async () => {
    const run = start({ turns: [], silent: 'initialize' })
    await until(() => run.got('initialize').length === 1)
    run.abort()
    expect(await run.ended).toBe(143)
  })

  it('cancels the permission request that its agent waits for', async () => {
    const board = new FakeBoard()
    board.decide = (_wanted, signal) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => resolve({ kind: 'withdrawn', why: 'the run is over' })),
      )
    const asks = {
      request: 'session/request_permission',
      params: { toolCall: { toolCallId: 'c' }, options: [] },
    }
    const run = start({ turns: [[asks, { hang: true }]] }, {}, board)
    await run.until(({ acp }) => acp === 'permission')

    run.abort()

    expect(await run.ended).toBe(143)
    expect(run.record().find(({ answered }) => answered)).toMatchObject({
      result: { outcome: { outcome: 'cancelled' } },
    })
  })
})
