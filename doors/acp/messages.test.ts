import { describe, expect, it } from 'vitest'
import { until } from '../../kernel/testing/until.ts'
import { type DirectRun, FakeBoard, startDirect } from './testing/direct.ts'
import type { Scenario } from './testing/scenario.ts'

/** Starts an agent whose first turn lasts until the test opens the gate. */
async function inTurn(scenario: Partial<Scenario>, turns = 2): Promise<DirectRun> {
  const board = new FakeBoard()
  board.reports_after = turns
  const first = [{ say: 'On it\n' }, { await: '$DIR/gate' }]
  const run = startDirect({ turns: [first, [{ say: 'Read it' }]], ...scenario }, {}, board)
  await run.until(({ acp }) => acp === 'said')
  return run
}
const prompts = (run: DirectRun) =>
  run.got('session/prompt').map(({ params }) => params.prompt[0].text as string)

describe('a message to a live run', () => {
  it.each(['claude-agent-acp', 'codex-acp'])('reaches %s during its turn', async (name) => {
    const run = await inTurn({ name, steering: 'accepts' }, 1)

    run.board.tell('Use the old brass')
    await run.until(({ acp }) => acp === 'told')
    run.open('gate')
    await run.ended

    expect(run.got('_session/steering')[0]?.params).toMatchObject({
      sessionId: 'session-1',
      prompt: [{ text: expect.stringContaining('Use the old brass') as string }],
      _meta: { steering: { idleBehavior: 'promptRequired' } },
    })
    expect(run.board.delivered_to).toEqual([{ id: 1, how: 'during the turn' }])
    expect(prompts(run)).toHaveLength(1)
  })

  it.each(['promptRequired', 'refuses'] as const)(
    'that an agent does not take during its turn (%s) gets a turn of its own',
    async (steering) => {
      const run = await inTurn({ name: 'claude-agent-acp', steering })

      run.board.tell('Use the old brass')
      await until(() => run.got('_session/steering').length === 1)
      run.open('gate')
      await run.ended

      expect(prompts(run)[1]).toContain('Use the old brass')
      expect(run.board.delivered_to).toEqual([{ id: 1, how: 'in a turn of its own' }])
    },
  )

  it('waits for the end of the turn if the agent takes no messages during it', async () => {
    const run = await inTurn({ name: 'opencode' })

    run.board.tell('Use the old brass')
    run.open('gate')
    await run.ended

    expect(run.got('session/cancel')).toEqual([])
    expect(prompts(run)[1]).toContain('Use the old brass')
  })

  it('that must not wait ends the turn of such an agent', async () => {
    const run = await inTurn({ name: 'opencode' })

    run.board.tell('Stop, use the old brass', true)
    await run.ended

    expect(run.got('session/cancel')).toHaveLength(1)
    expect(prompts(run)[1]).toContain('Stop, use the old brass')
  })

  it.each([false, true])('is taken by Qwen Code when it asks between its steps (now: %s)', async (now) => {
    const drain = { request: 'craft/drainMidTurnQueue', params: {} }
    const run = await inTurn(
      { name: 'qwen-code', turns: [[{ say: 'On it\n' }, { await: '$DIR/gate' }, drain]] },
      1,
    )

    run.board.tell('Use the old brass', now)
    await run.board.taken()
    run.open('gate')
    await run.ended

    expect(run.got('session/cancel')).toEqual([])
    expect(run.record().find(({ answered }) => answered === drain.request)).toMatchObject({
      result: { messages: [expect.stringContaining('Use the old brass') as string] },
    })
    expect(run.board.delivered_to).toEqual([{ id: 1, how: 'during the turn' }])
  })

  it('arrives in the order of sending', async () => {
    const run = await inTurn({ name: 'codex-acp', steering: 'accepts' }, 1)
    for (const text of ['one', 'two', 'three']) run.board.tell(text)
    await until(() => run.board.delivered_to.length === 3)
    run.open('gate')
    await run.ended
    expect(
      run.lines.filter(({ acp }) => acp === 'told').map((line) => (line as { text: string }).text),
    ).toEqual([...['one', 'two', 'three']])
  })

  it('gets a turn even after the agent was asked for its report', async () => {
    const board = new FakeBoard()
    board.reports_after = 9
    const hold = { await: '$DIR/gate' }
    const turns = [
      [{ say: 'Done' }],
      [{ say: 'Reporting\n' }, hold],
      [{ say: 'More' }],
      [{ say: 'Now done' }],
    ]
    const run = startDirect({ turns }, {}, board)
    await run.until((line) => line.acp === 'said' && line.text.startsWith('Reporting'))
    board.tell('One more thing')
    await board.taken()
    run.open('gate')
    await run.ended

    expect(prompts(run)).toMatchObject([
      'Polish the brass',
      expect.stringContaining('no report'),
      expect.stringContaining('One more thing'),
      expect.stringContaining('no report'),
    ])
  })
})
