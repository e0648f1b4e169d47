import { expect, it } from 'vitest'
import { fakeKernel, runCli, type Surroundings } from './test-run.ts'

const NOW = Date.UTC(2026, 0, 1)

/** The calls that the kernel receives for a command line. */
async function asked(line: string[], surroundings: Surroundings = {}) {
  const kernel = fakeKernel(() => ({ results: [], tasks: [] }))
  const { code, stderr } = await runCli([...line, '--json'], {
    cwd: '/here',
    now: () => NOW,
    kernel,
    ...surroundings,
  })
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return kernel.calls
}

it('every flag of create sets its field', async () => {
  const line = [
    'create',
    'Fix it',
    ...['--body', '- one\n- two', '--assignee', 'claude', '--parent', 't_1', '--parent', 't_2,t_3'],
    ...[
      '--child',
      't_4',
      '--priority',
      '-5',
      '--tenant',
      'acme',
      '--triage',
      '--hold',
      '--not-before',
      '+1h',
    ],
    ...[
      '--workspace',
      'dir:sub',
      '--branch',
      'b',
      '--base',
      'main',
      '--max-runtime',
      '30m',
      '--max-retries',
      '2',
    ],
    ...['--skill', 'a,b', '--skill', 'c', '--model', 'm', '--verify', 'npm test', '--idempotency-key', 'k'],
    ...['--workflow', 'w', '--step', 's'],
  ]
  expect(await asked(line)).toEqual([
    {
      verb: 'create',
      board: undefined,
      input: {
        title: 'Fix it',
        body: '- one\n- two',
        assignee: 'claude',
        parents: ['t_1', 't_2', 't_3'],
        children: ['t_4'],
        priority: -5,
        tenant: 'acme',
        triage: true,
        held: true,
        not_before_at: NOW + 3_600_000,
        workspace: 'dir:/here/sub',
        branch: 'b',
        base_ref: 'main',
        max_runtime_seconds: 1800,
        max_retries: 2,
        skills: ['a', 'b', 'c'],
        model: 'm',
        verify_command: 'npm test',
        idempotency_key: 'k',
        workflow_template_id: 'w',
        current_step_key: 's',
      },
    },
  ])
})

const TEXTS = [
  '- a bullet',
  '-5',
  '--',
  '-- then text',
  '---',
  '-',
  '--not a flag',
  '“quotes”',
  '$(x)',
  'a=b',
]

it.each(TEXTS)('“%s” stays text in a text argument', async (text) => {
  expect((await asked(['create', 'x', '--body', text]))[0]?.input['body']).toBe(text)
  expect((await asked(['create', 'x', `--body=${text}`]))[0]?.input['body']).toBe(text)
  if (text === '--') return
  expect((await asked(['comment', 't_1', text]))[0]?.input['body']).toBe(text)
})

it('after -- everything is text', async () => {
  const kernel = fakeKernel()
  const { code } = await runCli(['comment', '--json', '--', 't_1', '--json'], { kernel })
  expect(code).toBe(0)
  expect(kernel.calls[0]?.input).toEqual({ id: 't_1', body: '--json' })
})

it('global flags stand before or after the verb; the nearer one wins', async () => {
  const kernel = fakeKernel(() => ({ boards: [] }))
  for (const line of [
    ['--board', 'Main', '--json', 'boards', 'list'],
    ['boards', '--board', 'Main', '--json', 'list'],
    ['boards', 'list', '--board=Main', '--json'],
    ['--board', 'other', 'boards', 'list', '--board', 'main', '--json'],
  ]) {
    const ran = await runCli(line, { kernel })
    expect(ran.json()).toEqual({ boards: [] })
  }
  expect(kernel.calls.map(({ board }) => board)).toEqual(['main', 'main', 'main', 'main'])
})

it("the words after -- become the profile's command unchanged", async () => {
  const [call] = await asked([
    'profiles',
    'add',
    'p',
    '--json',
    '--env',
    'A=b,c',
    '--',
    'sh',
    '-c',
    'echo "$1"',
    '--json',
  ])
  expect(call?.input).toEqual({
    name: 'p',
    env: { A: 'b,c' },
    command: ['sh', '-c', 'echo "$1"', '--json', '--json'],
  })
})

it('a worker may omit its own task', async () => {
  const env = { RUNBOARD_TASK: 't_own' }
  expect((await asked(['show'], { env }))[0]?.input).toEqual({ id: 't_own' })
  expect((await asked(['comment', 'hello'], { env }))[0]?.input).toEqual({ id: 't_own', body: 'hello' })
  expect((await asked(['complete', '--summary', 'S', '--metadata', '{"a":1}'], { env }))[0]?.input).toEqual({
    id: 't_own',
    summary: 'S',
    metadata: { a: 1 },
  })
  expect((await asked(['block', 't_2', '--reason', 'R'], { env }))[0]?.input).toEqual({
    id: 't_2',
    reason: 'R',
  })
})

it('a verb with several ids applies to each, with its other fields', async () => {
  expect(await asked(['unblock', 't_1', 't_2', 't_1', '--answer', 'Yes'])).toEqual([
    { verb: '/tasks/bulk', board: undefined, input: { ids: ['t_1', 't_2'], verb: 'unblock', answer: 'Yes' } },
  ])
  expect((await asked(['assign', 't_1', 't_2', 'none']))[0]?.input).toEqual({
    ids: ['t_1', 't_2'],
    verb: 'assign',
    assignee: null,
  })
})

it('one refusal among several is reported, and the others succeed', async () => {
  const kernel = fakeKernel(() => ({
    results: [
      { id: 't_1', task: { id: 't_1', status: 'archived', title: 'One', held: false } },
      { id: 't_2', error: { code: 'NOT_FOUND', message: 'Task t_2 not found on board “b”.' } },
    ],
  }))
  const ran = await runCli(['archive', 't_1', 't_2'], { kernel })
  expect({ ...ran, json: null, error: null, bytes: null }).toMatchObject({
    code: 1,
    stdout: 't_1  archived  One\n',
    stderr: 'runboard: t_2: Task t_2 not found on board “b”.\n',
  })
  const json = await runCli(['archive', 't_1', 't_2', '--json'], { kernel })
  expect(json.code).toBe(1)
  expect(json.json()).toMatchObject({ results: [{ id: 't_1' }, { id: 't_2', error: { code: 'NOT_FOUND' } }] })
})

it('--board names the board that init creates', async () => {
  expect((await asked(['--board', 'x', 'init', '--project', 'p']))[0]?.input).toEqual({
    slug: 'x',
    project_dir: '/here/p',
  })
})

it('reads the body from standard input', async () => {
  expect((await asked(['create', 'x', '--body-file', '-'], { stdin: 'long text\n' }))[0]?.input['body']).toBe(
    'long text\n',
  )
})

it('an empty value clears a list', async () => {
  expect(await asked(['edit', 't_1', '--skill', ''])).toMatchObject([{ input: { id: 't_1', skills: [] } }])
})
