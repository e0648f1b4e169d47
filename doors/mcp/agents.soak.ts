import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Run, Task, TaskDetail } from '../../contract/index.ts'
import { until } from '../../kernel/testing/until.ts'
import { agentHome, type AgentHome, DOWNLOAD_MS, REAL_AGENTS } from '../testing/real-agents.ts'
import { type Model, startModel } from '../testing/scripted-model.ts'

// Runs the real agents, started by their presets, with a scripted model. Their prompts, calls and events are their own.
// Needs a build, and the network once (npx downloads them).

interface Case {
  preset: keyof typeof REAL_AGENTS
  /** Whether it reports by the tool `complete`; the others report by their exit code. */
  reports: boolean
  usage: object
  /** How the model refuses, and how the run then ends. The status is one that the agent does not retry. */
  refusal: { status: number; outcome: Run['outcome']; says: string }
}

const CASES: Case[] = [
  {
    preset: 'claude-code',
    reports: true,
    usage: { input_tokens: 2000, cached_input_tokens: 400, output_tokens: 100, turns: 2 },
    refusal: { status: 429, outcome: 'rate_limited', says: 'No more for today' },
  },
  {
    preset: 'codex',
    reports: true,
    usage: { input_tokens: 2000, cached_input_tokens: 400, output_tokens: 100, turns: 1 },
    refusal: { status: 401, outcome: 'crashed', says: 'No more for today' },
  },
  {
    preset: 'gemini',
    reports: false,
    usage: { input_tokens: 1000, cached_input_tokens: 0, output_tokens: 50 },
    refusal: { status: 401, outcome: 'crashed', says: 'No more for today' },
  },
  {
    preset: 'opencode',
    reports: true,
    usage: { input_tokens: 2000, output_tokens: 100, turns: 2 },
    refusal: { status: 401, outcome: 'crashed', says: 'No more for today' },
  },
  {
    preset: 'qwen',
    reports: true,
    usage: {},
    refusal: { status: 401, outcome: 'crashed', says: 'No more for today' },
  },
  {
    preset: 'copilot',
    reports: true,
    usage: {},
    refusal: { status: 401, outcome: 'crashed', says: 'Authentication failed' },
  },
]

let model: Model
beforeAll(async () => {
  model = await startModel()
})
afterAll(() => model.stop())

describe.each(CASES)('$preset', ({ preset, refusal, reports, usage }) => {
  let home: AgentHome
  beforeAll(async () => {
    home = await agentHome(REAL_AGENTS[preset], model.url)
    await home.addProfile('agent', preset, ['--backoff', '0s'])
  }, DOWNLOAD_MS)
  afterAll(() => home.remove())

  const runboard: AgentHome['runboard'] = (...line) => home.runboard(...line)
  const create = async (title: string, retries: number): Promise<string> => {
    const limits = ['--max-retries', String(retries), '--max-runtime', '2m']
    const { task } = await runboard<{ task: Task }>(
      'create',
      title,
      ...['--assignee', 'agent', '--model', REAL_AGENTS[preset].model, ...limits],
    )
    return task.id
  }
  const work = async (title: string): Promise<TaskDetail> => {
    const id = await create(title, 1)
    await runboard('dispatch', '--wait')
    return runboard<TaskDetail>('show', id)
  }

  it('completes its task, and reports its usage', async () => {
    model.refuseWith(null)
    const { task, runs } = await work('Polish the brass')
    expect(task.status, JSON.stringify(runs)).toBe('done')
    expect(runs).toMatchObject([
      reports
        ? { outcome: 'completed', summary: 'It shines', metadata: { tests_run: ['mirror'] } }
        : { outcome: 'completed', summary: 'All is done.' },
    ])
    expect(runs[0]?.usage).toMatchObject(usage)
    expect(model.heard(), 'the context of the task').toContain('Polish the brass')
  })

  it('continues its session after a kill', async () => {
    model.refuseWith(null)
    const release = model.hold()
    const id = await create('Sweep the stairs', 2)
    model.heard()
    const dispatching = runboard('dispatch', '--wait')
    let said = ''
    await until(() => (said += model.heard()).includes('Sweep the stairs'))
    const first = await until(async () => {
      const [run] = (await runboard<TaskDetail>('show', id)).runs
      return run?.agent_session_id == null ? null : run
    })
    process.kill(first.worker_pid ?? 0, 'SIGKILL')
    await until(async () => (await runboard<TaskDetail>('show', id)).runs.length === 2)
    release()
    await dispatching

    const { task, runs } = await runboard<TaskDetail>('show', id)
    expect(task.status, JSON.stringify(runs)).toBe('done')
    expect(runs[1]).toMatchObject({
      outcome: 'completed',
      session_choice: 'resumed',
      resumed_from_run: first.id,
      agent_session_id: first.agent_session_id,
    })
    expect(model.heard(), 'what the session knows').toContain(`# ${id}: Sweep the stairs`)
    const { context } = await runboard<{ context: string }>('run', String(runs[1]?.id))
    expect(context).toMatch(/^# Continue /)
  })

  it('reports in words why it failed', async () => {
    model.refuseWith(refusal.status)
    const { runs } = await work('Polish it again')
    expect(runs).toMatchObject([{ outcome: refusal.outcome }])
    expect(runs[0]?.error).toContain(refusal.says)
    expect(runs[0]?.error, 'its events').not.toMatch(/^\{/m)
  })
})
