import { describe, expect, it } from 'vitest'
import { setupBridge } from './testing/setup.ts'

const REPORT = { runboard: ['complete', '--summary', 'It shines'] }

describe('a worker whose agent speaks ACP', () => {
  it('gets the context as its first prompt, and completes the task by its report', async () => {
    const { bridged, create, drain, lines, record, runs, task } = await setupBridge()
    await bridged('agent', {
      turns: [[{ say: 'Look' }, { say: 'ing.' }, { think: 'Hm.' }, REPORT, { say: 'Done.' }]],
    })
    const { id } = await create({ title: 'Polish the brass', assignee: 'agent' })

    await drain()

    const [run] = await runs(id)
    expect(run).toMatchObject({ outcome: 'completed', summary: 'It shines' })
    expect(run?.command?.slice(1, 3)).toEqual(['acp', '--'])
    expect((await task(id)).status).toBe('done')
    const got = record().filter(({ got: method }) => method !== undefined)
    expect(got.map(({ got: method }) => method)).toEqual(['initialize', 'session/new', 'session/prompt'])
    expect(got[2]?.params.prompt[0].text).toContain('Polish the brass')
    expect(lines(run!)).toEqual([
      { acp: 'start', agent: 'fake-agent 1.0.0', session: 'session-1', how: 'new', mode: null },
      { acp: 'said', text: 'Looking.' },
      { acp: 'thought', text: 'Hm.' },
      { acp: 'said', text: 'Done.' },
      { acp: 'end', reason: 'end_turn' },
    ])
  })
})
