import { mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AGENT_NAMES, AGENTS } from '../../formats/agents.ts'
import { type AgentSetup, setupAgents } from '../testing/agents/fake-agents.ts'
import * as tasks from '../tables/tasks.ts'
import { until } from '../testing/until.ts'

/** A task whose first attempt has failed and that waits for a person. */
async function failedOnce(
  bundle: AgentSetup,
  fields: { title?: string; body?: string } = {},
): Promise<string> {
  const { create, drain, willDo } = bundle
  willDo('fail')
  const workspace = `dir:${bundle.path('work')}`
  const { id } = await create({
    assignee: 'coder',
    max_retries: 1,
    body: 'Until it shines.',
    workspace,
    ...fields,
  })
  await drain()
  return id
}

/** Moves the workspace to another path, as when the home is moved; the agent still has its session under the old path. */
function moveWorkspace({ path, write }: AgentSetup, id: string): void {
  mkdirSync(path('other'))
  write((tx) => tx.run(tasks.setWorkspace, { id, path: path('other'), branch: null }))
}

async function again({ call, drain }: AgentSetup, id: string, session?: 'resume' | 'fresh'): Promise<void> {
  await call('task.retry', { id, note: 'Use the soft cloth', ...(session && { session }) })
  await drain()
}

describe.each(AGENT_NAMES)('a retry with %s', (name) => {
  it('continues the session, with a prompt of only what has changed', async () => {
    const bundle = await setupAgents()
    await bundle.agent(name, 'coder')
    const id = await failedOnce(bundle)
    await bundle.call('message.tell', { id, body: 'Mind the varnish' })
    await again(bundle, id)

    const [first, second] = await bundle.runs(id)
    const [begun, resumed] = bundle.calls()
    expect(first).toMatchObject({ outcome: 'crashed', agent_session_id: begun?.id, session_choice: null })
    expect(second).toMatchObject({
      outcome: 'completed',
      session_choice: 'resumed',
      resumed_from_run: first?.id,
      agent_session_id: begun?.id,
      agent_cwd: first?.agent_cwd,
    })
    expect(second?.agent).toMatch(new RegExp(`^${name}( |$)`))
    expect(resumed).toMatchObject({ id: begun?.id, resumed: begun?.id })
    const [whole = '', changes = ''] = bundle.promptsOf(resumed)
    expect(whole).toContain('Until it shines.')
    expect(changes).toContain(`# Continue ${id}`)
    expect(changes).toContain('The disk is on fire')
    expect(changes).toContain('Use the soft cloth')
    expect(changes).toContain('Mind the varnish')
    expect(changes).not.toContain('Until it shines.')
    const shown = await bundle.call('run.show', { id: second?.id ?? 0 })
    expect(changes, 'the frozen context').toBe(shown.context)
    expect(shown.events.find(({ kind }) => kind === 'session_resumed')?.payload).toEqual({
      from_run: first?.id,
      attempt: 1,
      session_id: begun?.id,
    })
  })

  it('reads a message that the attempt before took just before it was killed', async () => {
    const bundle = await setupAgents()
    const { call, calls, create, drain, runs, willDo } = bundle
    await bundle.agent(name, 'coder')
    willDo('hang')
    const { id } = await create({ assignee: 'coder', max_retries: 2 })
    const dispatching = drain()
    await until(async () => (await runs(id))[0]?.agent_session_id != null && calls().length === 1)
    const [first] = await runs(id)
    const { message } = await call('message.tell', { id, body: 'Never mind the handle' })
    await call('message.deliver', { id, message_id: message.id, how: 'during the turn' })
    process.kill(first?.worker_pid ?? 0, 'SIGKILL')
    await dispatching
    expect(bundle.promptsOf(bundle.calls().at(-1)).at(-1)).toContain('Never mind the handle')
  })

  it('reads a message that the attempt before did not take', async () => {
    const bundle = await setupAgents()
    await bundle.agent(name, 'coder')
    const id = await failedOnce(bundle)
    await bundle.call('message.tell', { id, body: 'Never mind the handle' })
    await again(bundle, id)
    expect(bundle.promptsOf(bundle.calls().at(-1)).at(-1)).toContain('Never mind the handle')
    // Once it is in the session, it is not repeated.
    await bundle.call('task.reopen', { id, note: 'Once more' })
    await bundle.drain()
    expect(bundle.promptsOf(bundle.calls().at(-1)).at(-1)).not.toContain('Never mind the handle')
  })

  it('begins a fresh session in the same run when the agent does not know the old one', async () => {
    const bundle = await setupAgents()
    await bundle.agent(name, 'coder')
    const id = await failedOnce(bundle)
    await bundle.call('message.tell', { id, body: 'Mind the varnish' })
    bundle.forget()
    await again(bundle, id)

    const [, second, ...more] = await bundle.runs(id)
    expect(more).toEqual([])
    const last = bundle.calls().at(-1)
    expect(second).toMatchObject({
      outcome: 'completed',
      session_choice: 'refused',
      resumed_from_run: null,
      agent_session_id: last?.id,
    })
    expect(last).toMatchObject({ resumed: null })
    expect(bundle.promptsOf(last)[0]).toContain('Until it shines.')
    expect((await bundle.task(id)).consecutive_failures).toBe(0)
    const { context, events } = await bundle.call('run.show', { id: second?.id ?? 0 })
    expect(context).toContain('Until it shines.')
    // The context that the agent refused had the message, and the one that replaced it has it too.
    expect(context).toContain('Mind the varnish')
    expect(events.filter(({ kind }) => kind === 'message_delivered')).toHaveLength(1)
    const refused = events.find(({ kind }) => kind === 'session_refused')?.payload
    expect(refused).toMatchObject({ attempt: 1 })
    expect(refused?.['error']).toMatch(AGENTS[name].refused)
  })

  it('keeps the session through an outage of its service', async () => {
    const bundle = await setupAgents()
    await bundle.agent(name, 'coder')
    const id = await failedOnce(bundle)
    bundle.willDo('offline')
    await again(bundle, id)
    await again(bundle, id)

    const [first, second, third] = await bundle.runs(id)
    expect(second).toMatchObject({ outcome: 'crashed', session_choice: 'resumed' })
    expect(third).toMatchObject({
      outcome: 'completed',
      session_choice: 'resumed',
      agent_session_id: first?.agent_session_id,
    })
  })

  it('continues the session after its process was killed in the middle of a turn', async () => {
    const bundle = await setupAgents()
    const { agent, calls, create, drain, runs, promptsOf, willDo } = bundle
    await agent(name, 'coder')
    willDo('hang')
    const { id } = await create({ assignee: 'coder', body: 'Until it shines.' })
    const dispatching = drain()
    await until(async () => (await runs(id))[0]?.agent_session_id != null && calls().length === 1)
    const [open] = await runs(id)
    expect(open, 'while it runs').toMatchObject({ outcome: null, agent_session_id: calls()[0]?.id })
    process.kill(open?.worker_pid ?? 0, 'SIGKILL')
    await dispatching

    const [first, second] = await runs(id)
    expect(first).toMatchObject({ outcome: 'crashed', signal: 'SIGKILL' })
    expect(second).toMatchObject({
      outcome: 'completed',
      session_choice: 'resumed',
      resumed_from_run: first?.id,
    })
    expect(promptsOf(calls()[1])).toHaveLength(2)
  })
})

describe('a retry begins a fresh session', () => {
  /** @returns the last run, after one that failed and a change of circumstances */
  async function afterwards(
    change: (bundle: AgentSetup, id: string) => Promise<unknown>,
    doing: 'fail' | 'login' | 'full' = 'fail',
  ) {
    const bundle = await setupAgents()
    await bundle.agent('claude-code', 'coder')
    bundle.willDo(doing)
    const workspace = `dir:${bundle.path('work')}`
    const { id } = await bundle.create({
      assignee: 'coder',
      max_retries: 1,
      body: 'Until it shines.',
      workspace,
    })
    await bundle.drain()
    await change(bundle, id)
    const { plan } = await bundle.call('task.session', { id })
    await again(bundle, id)
    const [, last] = await bundle.runs(id)
    expect(plan, 'the plan shown before').toEqual({ choice: last?.session_choice, attempt: 1 })
    expect(last).toMatchObject({ outcome: 'completed', resumed_from_run: null })
    const call = bundle.calls().at(-1)
    expect(call).toMatchObject({ resumed: null, id: last?.agent_session_id })
    expect(bundle.promptsOf(call)[0]).toContain('Until it shines.')
    return last?.session_choice
  }
  const nothing = () => Promise.resolve()

  it('after a missing login', async () => {
    expect(await afterwards(nothing, 'login')).toBe('login')
  })

  it('after a session that was full', async () => {
    expect(await afterwards(nothing, 'full')).toBe('full')
  })

  it('in another workspace', async () => {
    const choice = await afterwards((bundle, id) => Promise.resolve(moveWorkspace(bundle, id)))
    expect(choice).toBe('other_workspace')
  })

  it('with another agent', async () => {
    const choice = await afterwards(async ({ agent, call }, id) => {
      await agent('codex', 'second')
      await call('task.assign', { id, assignee: 'second' })
    })
    expect(choice).toBe('other_agent')
  })

  it('after the profile was changed to another agent', async () => {
    const choice = await afterwards(async ({ agent, call }) => {
      await call('profile.remove', { name: 'coder' })
      await agent('gemini', 'coder')
    })
    expect(choice).toBe('other_agent')
  })

  it('for a reviewer', async () => {
    const choice = await afterwards(async ({ agent, call }, id) => {
      await agent('claude-code', 'judge', { capabilities: ['reviewer'] })
      await call('task.assign', { id, assignee: 'judge' })
    })
    expect(choice).toBe('other_role')
  })

  it('for a profile that never resumes', async () => {
    const choice = await afterwards(({ call }) =>
      call('profile.set', { name: 'coder', fields: { resume: 'never' } }),
    )
    expect(choice).toBe('never')
  })
})

describe('a person who retries', () => {
  it('may ask for a fresh session, for the next attempt only', async () => {
    const bundle = await setupAgents()
    await bundle.agent('claude-code', 'coder')
    const id = await failedOnce(bundle)
    bundle.willDo('fail')
    await again(bundle, id, 'fresh')
    await again(bundle, id)
    expect((await bundle.runs(id)).map(({ session_choice }) => session_choice)).toEqual([
      null,
      'asked',
      'resumed',
    ])
  })

  it('may ask to resume where the profile never does', async () => {
    const bundle = await setupAgents()
    await bundle.agent('claude-code', 'coder', { resume: 'never' })
    const id = await failedOnce(bundle)
    expect(await bundle.call('task.session', { id })).toEqual({
      plan: { choice: 'never', attempt: 1 },
      if_resumed: { choice: 'resumed', attempt: 1 },
    })
    await again(bundle, id, 'resume')
    expect((await bundle.runs(id))[1]).toMatchObject({ session_choice: 'resumed' })
  })

  it('gets the reason when the session cannot be resumed', async () => {
    const bundle = await setupAgents()
    await bundle.agent('claude-code', 'coder')
    const id = await failedOnce(bundle)
    moveWorkspace(bundle, id)
    const error = await bundle.refused('CONFLICT', 'task.retry', { id, session: 'resume' })
    expect(error.message).toBe(
      `The next attempt of task ${id} cannot continue an earlier session: attempt 1 worked in another folder. “--fresh” begins a new one.`,
    )
  })
})

it('an automatic retry also continues the session, past a start that failed', async () => {
  const bundle = await setupAgents()
  const { agent, call, create, drain, runs, willDo } = bundle
  await agent('claude-code', 'coder')
  willDo('fail')
  const { id } = await create({ assignee: 'coder' })
  await drain()
  expect(await runs(id)).toMatchObject([
    { outcome: 'crashed' },
    { outcome: 'completed', session_choice: 'resumed' },
  ])

  await call('task.reopen', { id })
  const { command, env } = (await call('profile.show', { name: 'coder' })).profile
  await call('profile.set', { name: 'coder', fields: { command: ['./gone/claude'], failure_limit: 1 } })
  await drain()
  await call('profile.set', { name: 'coder', fields: { command, env } })
  await call('task.retry', { id })
  await drain()
  expect(await runs(id)).toMatchObject([
    {},
    {},
    { outcome: 'gave_up' },
    { outcome: 'completed', session_choice: 'resumed', resumed_from_run: (await runs(id))[1]?.id },
  ])
})

it('an agent that ends before it does anything is started with a fresh session', async () => {
  const bundle = await setupAgents()
  await bundle.agent('gemini', 'coder')
  const id = await failedOnce(bundle)
  bundle.willDo('silent')
  await again(bundle, id)
  expect((await bundle.runs(id))[1]).toMatchObject({ outcome: 'completed', session_choice: 'refused' })
})

it('a fresh session that fails as well is a failure', async () => {
  const bundle = await setupAgents()
  await bundle.agent('gemini', 'coder')
  const id = await failedOnce(bundle)
  bundle.willDo('silent', 'silent')
  await again(bundle, id)
  expect((await bundle.runs(id))[1]).toMatchObject({ outcome: 'crashed', session_choice: 'refused' })
})

describe('the usage of a run that continued a session', () => {
  it.each([
    ['claude-code', [{ cost_usd: 0.1 }, { cost_usd: 0.1, input_tokens: 1000 }]],
    ['codex', [{ input_tokens: 1000 }, { input_tokens: 1000, cost_usd: null }]],
    ['copilot', [{ input_tokens: 1000 }, { input_tokens: 1000 }]],
    ['opencode', [{ cost_usd: 0.1 }, { cost_usd: 0.1, input_tokens: 1000 }]],
  ] as const)('of %s is what the run itself used', async (name, expected) => {
    const bundle = await setupAgents()
    await bundle.agent(name, 'coder')
    const { id } = await bundle.create({ assignee: 'coder' })
    await bundle.drain()
    await bundle.call('task.reopen', { id })
    await bundle.drain()
    expect((await bundle.runs(id)).map(({ usage }) => usage)).toMatchObject(expected)
  })

  it('includes the usage of a killed run that could not report it', async () => {
    const bundle = await setupAgents()
    await bundle.agent('claude-code', 'coder')
    const { calls, create, drain, runs, willDo } = bundle
    willDo('ok', 'hang')
    const { id } = await create({ assignee: 'coder' })
    await drain()
    await bundle.call('task.reopen', { id })
    const dispatching = drain()
    await until(() => calls().length === 2)
    process.kill((await runs(id))[1]?.worker_pid ?? 0, 'SIGKILL')
    await dispatching
    expect((await runs(id)).map(({ usage }) => usage?.['cost_usd'] ?? null)).toEqual([0.1, null, 0.2])
  })
})
