import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { operationList } from '../../contract/index.ts'
import {
  type Agent,
  type AgentOptions,
  type Desk,
  openDesk,
  PROTOCOLS,
  startHere,
  startProcess,
  type Variables,
} from './test-client.ts'

let desk: Desk
const agents: Agent[] = []

beforeEach(async () => {
  desk = await openDesk()
})

afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.close()))
  desk.remove()
})

async function start(options: Partial<AgentOptions> = {}, how = startHere): Promise<Agent> {
  const env: Variables = options.env ?? { RUNBOARD_HOME: desk.home, RUNBOARD_BOARD: 'test' }
  const agent = await how({ cwd: desk.home, ...options, env })
  agents.push(agent)
  return agent
}

async function toolNames(agent: Agent): Promise<string[]> {
  return (await agent.client.listTools()).tools.map((tool) => tool.name).sort()
}

const ALL_TOOLS = operationList.flatMap(([, spec]) => spec.mcp?.tool ?? []).sort()

describe.each(PROTOCOLS.map((protocol) => [JSON.stringify(protocol), protocol] as const))(
  'with protocol %s',
  (_name, protocol) => {
    it('a worker completes its whole life cycle', async () => {
      const id = await desk.create('Fix the parser', '--body', 'All of it')
      const env = await desk.claim(id)
      const agent = await start({ env, args: ['--worker'], protocol }, startProcess)

      const shown = await agent.call('show')
      expect(shown.task).toMatchObject({ id, title: 'Fix the parser', status: 'running' })
      expect((await agent.call('heartbeat', { note: 'on it' })).run.last_heartbeat_note).toBe('on it')
      expect((await agent.call('comment', { body: 'Half way' })).comment).toMatchObject({ author: 'coder' })
      const metadata = { changed_files: ['a.ts'], tests_run: 12, nested: { deep: [null, 1.5] } }
      const done = await agent.call('complete', { summary: 'All of it works', metadata })

      expect(done).toMatchObject({
        task: { id, status: 'done' },
        run: { outcome: 'completed', summary: 'All of it works', metadata },
      })
      expect((await agent.call('runs')).runs).toMatchObject([{ attempt: 1, outcome: 'completed' }])
      expect((await desk.runboard('show', id)).comments).toMatchObject([
        { author: 'coder', body: 'Half way' },
      ])
    })

    it('a person creates, lists, links, blocks, answers and asks why', async () => {
      const agent = await start({ protocol })
      const { task: first } = await agent.call('create', { title: 'First' })
      const { task: second } = await agent.call('create', { title: 'Second', parents: [first.id] })
      expect(second.status).toBe('todo')
      expect((await agent.call('why', { id: second.id })).why).toMatchObject({ gate: 'open_parents' })
      expect((await agent.call('list', { status: ['todo'] })).tasks).toMatchObject([
        { id: second.id, open_parents: [first.id] },
      ])
      const { child } = await agent.call('unlink', { parent_id: first.id, child_id: second.id })
      expect(child.status).toBe('ready')
      await agent.call('link', { parent_id: first.id, child_id: second.id })
      expect((await agent.call('block', { id: first.id, reason: 'Which one?' })).run).toMatchObject({
        outcome: 'blocked',
        trigger: 'mcp',
      })
      expect((await agent.call('unblock', { id: first.id, answer: 'This one' })).task.status).toBe('ready')
    })

    it('a refusal is a result with the error object, and changes nothing', async () => {
      const id = await desk.create('One')
      const agent = await start({ protocol })
      const told = await agent.tell('approve', { id })
      expect(told.isError).toBe(true)
      expect(JSON.parse(told.text)).toEqual(told.answer)
      expect(told.answer.error).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(id) })
      expect(await agent.refused('show', { id: 't_00000000' })).toMatchObject({ code: 'NOT_FOUND' })
      expect(await agent.refused('create', { title: ' ' })).toMatchObject({ code: 'INVALID_INPUT' })
      expect(await agent.refused('create', { titel: 'x', title: 'x' })).toMatchObject({
        code: 'INVALID_INPUT',
      })
      expect(await agent.refused('link', { parent_id: id, child_id: id })).toMatchObject({ code: 'CYCLE' })
      expect((await desk.runboard('show', id)).task.status).toBe('ready')
      expect((await desk.runboard('list')).tasks).toHaveLength(1)
    })

    it('context and log are resources', async () => {
      const id = await desk.create('Read me')
      const worker = await desk.claim(id)
      const agent = await start({ env: worker, protocol })
      const { resources } = await agent.client.listResources()
      expect(resources.map((resource) => resource.uri)).toEqual([
        `runboard://task/${id}/context`,
        `runboard://run/${worker['RUNBOARD_RUN'] ?? ''}/log`,
      ])
      const { resourceTemplates } = await agent.client.listResourceTemplates()
      expect(resourceTemplates.map((template) => template.uriTemplate)).toEqual([
        'runboard://task/{id}/context',
        'runboard://run/{id}/log',
      ])
      const [context] = (await agent.client.readResource({ uri: resources[0]!.uri })).contents
      expect(context).toMatchObject({ mimeType: 'text/markdown', text: expect.stringContaining('Read me') })
      const [log] = (await agent.client.readResource({ uri: resources[1]!.uri })).contents
      expect(log).toMatchObject({ mimeType: 'text/plain', text: '' })
      for (const uri of [
        'runboard://task/t_00000000/context',
        'runboard://task/../context',
        'runboard://task/%2e%2e%2fconfig.json/context',
        'runboard://run/99/log',
        'runboard://run/x/log',
        'runboard://nothing',
        'file:///etc/passwd',
      ]) {
        await expect(agent.client.readResource({ uri }), uri).rejects.toMatchObject({
          code: expect.any(Number),
        })
      }
    })
  },
)

it('offers the tools of the contract with its schemas and hints', async () => {
  const agent = await start()
  const { tools } = await agent.client.listTools()
  expect(tools.map((tool) => tool.name).sort()).toEqual(ALL_TOOLS)
  for (const [, spec] of operationList) {
    if (spec.mcp === undefined) continue
    const tool = tools.find(({ name }) => name === spec.mcp?.tool)!
    expect(Object.keys(tool.inputSchema.properties ?? {}).sort()).toEqual(
      Object.keys(spec.input.shape).sort(),
    )
    expect(tool.outputSchema).toMatchObject({ type: 'object' })
    expect(JSON.stringify(tool)).not.toContain('$ref')
    expect(tool.annotations).toMatchObject({
      readOnlyHint: spec.kind === 'read',
      destructiveHint: spec.mcp.destructive === true,
    })
  }
  const complete = tools.find(({ name }) => name === 'complete')!
  expect(complete.inputSchema).toMatchObject({ type: 'object', required: ['id'] })
  expect(tools.find(({ name }) => name === 'unlink')?.annotations?.destructiveHint).toBe(true)
})

it('requires no id from a worker, and offers planning only to planners', async () => {
  await desk.runboard('profiles', 'add', 'lead', '--capability', 'planner', '--shell', 'true')
  await desk.runboard('profiles', 'add', 'coder', '--shell', 'true')
  const [one, two, three] = [await desk.create('1'), await desk.create('2'), await desk.create('3')]
  const coder = await start({ env: await desk.claim(one, 'coder') })
  const lead = await start({ env: await desk.claim(two, 'lead') })
  const removed = await start({ env: await desk.claim(three, 'nobody') })
  const withheld = ALL_TOOLS.filter((name) => !['link', 'unlink', 'unblock', 'workflow_start'].includes(name))
  expect(await toolNames(coder)).toEqual(withheld)
  expect(await toolNames(removed)).toEqual(withheld)
  expect(await toolNames(lead)).toEqual(ALL_TOOLS)
  const { tools } = await coder.client.listTools()
  for (const name of ['show', 'comment', 'heartbeat', 'complete', 'block', 'request_review', 'runs', 'why']) {
    const { inputSchema } = tools.find((tool) => tool.name === name)!
    expect(inputSchema.required ?? [], name).not.toContain('id')
    expect(inputSchema.properties?.['id']).toMatchObject({ default: one })
  }
})

describe('a worker', () => {
  it('is refused on a foreign task, and for what a person decides', async () => {
    const [own, other] = [await desk.create('Mine'), await desk.create('Yours')]
    const worker = await desk.claim(own)
    await desk.claim(other)
    const agent = await start({ env: worker })
    for (const [tool, given] of [
      ['complete', { summary: 'S' }],
      ['block', { reason: 'R' }],
      ['heartbeat', {}],
      ['request_review', {}],
      ['approve', {}],
      ['request_changes', { note: 'N' }],
    ] as const) {
      const error = await agent.refused(tool, { ...given, id: other })
      expect(error, tool).toMatchObject({ code: 'UNAUTHORIZED' })
    }
    expect((await desk.runboard('show', other)).task.status).toBe('running')
    expect((await agent.call('comment', { id: other, body: 'A hint' })).comment.task_id).toBe(other)
  })

  it('whose run is over gets STALE_RUN, and its late report is kept', async () => {
    const id = await desk.create('Slow')
    const agent = await start({ env: await desk.claim(id) })
    await desk.runboard('complete', id, '--summary', 'Done by hand')
    const error = await agent.refused('complete', { summary: 'Too late' })
    expect(error).toMatchObject({ code: 'STALE_RUN', data: { outcome: 'completed' } })
    const { events, runs } = await desk.runboard('show', id)
    expect(runs).toMatchObject([{ summary: 'Done by hand' }])
    expect(events.at(-1)).toMatchObject({ kind: 'late_write', payload: { summary: 'Too late' } })
  })

  it('is refused with a claim that is not that of its run', async () => {
    const id = await desk.create('Mine')
    const env = await desk.claim(id)
    const agent = await start({ env: { ...env, RUNBOARD_CLAIM: 'guessed' } })
    expect(await agent.refused('complete', {})).toMatchObject({ code: 'UNAUTHORIZED' })
  })

  it('is a planner that fans out to two children and a synthesis', async () => {
    await desk.runboard('profiles', 'add', 'lead', '--capability', 'planner', '--shell', 'true')
    const plan = await desk.create('Plan it', '--assignee', 'lead')
    const planner = await start({ env: await desk.claim(plan, 'lead') })
    const parts: string[] = []
    for (const title of ['Left half', 'Right half']) {
      const { task } = await planner.call('create', { title, assignee: 'coder', parents: [plan] })
      parts.push(task.id)
    }
    const { task: whole } = await planner.call('create', {
      title: 'Put together',
      assignee: 'coder',
      parents: parts,
    })
    expect(await planner.refused('complete', { created_cards: [...parts, 't_00000000'] })).toMatchObject({
      code: 'UNKNOWN_CARDS',
    })
    await planner.call('complete', { summary: 'Planned', created_cards: [...parts, whole.id] })
    for (const [index, id] of parts.entries()) {
      expect((await desk.runboard('show', id)).task.status).toBe('ready')
      const coder = await start({ env: await desk.claim(id) })
      await coder.call('complete', { summary: `Half ${index + 1}`, metadata: { half: index + 1 } })
    }
    const env = await desk.claim(whole.id)
    const synthesis = await start({ env })
    const [context] = (await synthesis.client.readResource({ uri: `runboard://task/${whole.id}/context` }))
      .contents
    expect(context).toMatchObject({ text: expect.stringMatching(/Half 1[\s\S]*Half 2/) })
    await synthesis.call('complete', { summary: 'Whole' })
    expect((await desk.runboard('list', '--status', 'done')).tasks).toHaveLength(4)
  })

  it('that the dispatcher started reports through the printed configuration', async () => {
    const printed = await desk.runboard('mcp', '--print-config', 'claude-code')
    const program = fileURLToPath(new URL('./test-worker.ts', import.meta.url))
    await desk.runboard('profiles', 'add', 'agent', '--', process.execPath, program, printed.content)
    const id = await desk.create('Read the context', '--assignee', 'agent')
    await desk.runboard('dispatch', '--wait')
    const { task, runs, comments } = await desk.runboard('show', id)
    expect(task).toMatchObject({ status: 'done' })
    expect(runs).toMatchObject([
      {
        outcome: 'completed',
        trigger: 'dispatcher',
        summary: expect.stringMatching(/^read /),
        metadata: { lines: expect.any(Number) },
        last_heartbeat_note: 'reading',
      },
    ])
    expect(comments).toMatchObject([{ author: 'agent', body: 'I have read it.', run_id: runs[0].id }])
  })
})

it('may send sloppy types where the meaning is clear', async () => {
  const parent = await desk.create('Parent')
  const agent = await start()
  const { task } = await agent.call('create', {
    title: 'Child',
    parents: JSON.stringify([parent]),
    skills: 'a, b',
    priority: '3',
    held: 'True',
    body: null,
    tenant: null,
    triage: null,
    max_runtime_seconds: '30m',
    not_before_at: '2030-01-01T00:00:00Z',
  })
  expect(task).toMatchObject({
    status: 'todo',
    skills: ['a', 'b'],
    priority: 3,
    held: true,
    body: null,
    max_runtime_seconds: 1800,
    not_before_at: Date.UTC(2030, 0, 1),
  })
  expect((await agent.call('list', { status: 'todo,ready', limit: '1', mine: 'false' })).tasks).toHaveLength(
    1,
  )
  const { run } = await agent.call('complete', { id: parent, metadata: '{"a":{"b":[1]}}', created_cards: '' })
  expect(run.metadata).toEqual({ a: { b: [1] } })
  for (const [tool, given] of [
    ['complete', { id: task.id, metadata: '[1]' }],
    ['complete', { id: task.id, metadata: 'a word' }],
    ['create', { title: 'x', priority: 'high' }],
    ['create', { title: 'x', held: 'perhaps' }],
    ['create', { title: 'x', not_before_at: 'soon' }],
    ['create', { title: 7 }],
    ['list', { limit: '1e3' }],
  ] as const) {
    expect(await agent.refused(tool, given), JSON.stringify(given)).toMatchObject({ code: 'INVALID_INPUT' })
  }
})

it('a list without a limit has at most a hundred entries, and one that is too large says so', async () => {
  const agent = await start()
  const { tools } = await agent.client.listTools()
  const list = tools.find(({ name }) => name === 'list')!
  expect(list.inputSchema.properties?.['limit']).toMatchObject({ default: 100 })
  const body = 'x'.repeat(8_000)
  for (let count = 0; count < 450; count++) await agent.call('create', { title: `Large ${count}`, body })
  expect(await agent.refused('list', { limit: 450 })).toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('limit'),
  })
  expect((await agent.call('list', { limit: 2 })).tasks).toHaveLength(2)
})

it('with an unknown board each call is refused, but the server runs', async () => {
  const agent = await start({ args: ['--board', 'nowhere'] })
  expect(await agent.refused('list')).toMatchObject({ code: 'NOT_FOUND' })
  expect((await agent.call('list', { board: 'test' })).tasks).toEqual([])
})
