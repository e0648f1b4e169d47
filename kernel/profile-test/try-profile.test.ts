import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { OperationInput, OperationOutput } from '../../contract/index.ts'
import { makeRepository } from '../testing/repository.ts'
import { setup } from '../testing/setup.ts'

const short = ({ ok, steps }: OperationOutput<'profile.test'>) => ({
  ok,
  steps: steps.map((step) => [step.name, step.ok, step.sentence]),
})

async function tested(fields: Omit<OperationInput<'profile.add'>, 'name'>, timeout_seconds = 60) {
  const bundle = await setup({ clock: 'real' })
  await bundle.call('profile.add', { name: 'mine', stdin: 'none', ...fields })
  const answer = await bundle.call('profile.test', { name: 'mine', timeout_seconds })
  return { ...bundle, answer }
}

it('a working profile passes every step, and leaves nothing behind', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('runboard-try-'))
  const { answer, call } = await tested({
    shell: 'echo "task $RUNBOARD_TASK"; test -f "$RUNBOARD_CONTEXT_FILE"; echo hello from here',
    completion: 'exit-code',
  })
  expect(short(answer)).toEqual({
    ok: true,
    steps: [
      ['profile', true, 'It is a line for the shell; its exit code says whether it is done.'],
      ['executable', true, expect.stringMatching(/^Its program is \/.*sh\.$/)],
      ['workspace', true, 'A scratch folder was made for it, as the board has no project.'],
      ['start', true, expect.stringMatching(/^It was started as process \d+\.$/)],
      ['output', true, 'It wrote output.'],
      ['report', true, 'It ended well, so the task is done: hello from here.'],
      ['exit', true, 'Its process ended with exit code 0.'],
    ],
  })
  expect(answer).toMatchObject({ outcome: 'completed', exit_code: 0, summary: 'hello from here' })
  expect(answer.output).toMatch(/^task t_[0-9a-f]{8}\nhello from here\n$/)
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('runboard-try-'))).toEqual(before)
  expect((await call('task.list', {})).tasks).toEqual([])
})

it('a missing program ends the test at once', async () => {
  const { answer } = await tested({ command: ['no-such-program-at-all'] })
  expect(answer.ok).toBe(false)
  expect(answer.steps.map((step) => [step.name, step.ok])).toEqual([
    ['profile', true],
    ['executable', false],
  ])
  expect(answer.steps[1]?.sentence).toContain('no-such-program-at-all')
})

it('a failing worker shows its error and its output', async () => {
  const { answer } = await tested({ shell: 'echo not logged in >&2; exit 3' })
  expect(answer.ok).toBe(false)
  expect(answer.steps.at(-1)).toMatchObject({ name: 'report', ok: false })
  expect(answer).toMatchObject({ outcome: 'crashed', exit_code: 3, output: 'not logged in\n' })
})

it('A1: an agent that ends with an error and exit code 0 fails the test, with its error', async () => {
  const event =
    '{"type":"error","sessionID":"s","error":{"name":"APIError","data":{"message":"No credit is left"}}}'
  const fields = { shell: `echo '${event}'`, completion: 'exit-code', usage_parser: 'opencode-json' } as const
  const { answer } = await tested(fields)
  expect(answer).toMatchObject({ ok: false, outcome: 'crashed', exit_code: 0 })
  expect(answer.steps.at(-1)).toMatchObject({ name: 'report', ok: false })
  expect(answer.steps.at(-1)?.sentence).toContain('No credit is left')
})

it('A1: an agent that ends in the middle of its work gets no advice to report', async () => {
  const fields = {
    shell: `echo '{"type":"init"}'`,
    completion: 'exit-code',
    usage_parser: 'gemini-json',
  } as const
  const { answer } = await tested(fields)
  expect(answer.steps.at(-1)?.sentence).toMatch(/no event by which the agent says that it is done/)
})

it('a worker that must report but does not gets advice on how to report', async () => {
  const { answer } = await tested({ shell: 'echo done', completion: 'explicit' })
  expect(answer.steps.at(-1)).toMatchObject({
    name: 'report',
    ok: false,
    sentence:
      'It ended well, but has not reported: it must call “runboard complete”, or be set to “completion=exit-code”.',
  })
})

it('a worker that does not end is stopped', async () => {
  const { answer } = await tested({ shell: 'echo waiting; sleep 600', completion: 'exit-code' }, 1)
  expect(answer).toMatchObject({ ok: false, outcome: 'timed_out', output: 'waiting\n' })
})

it('only an existing profile can be tested', async () => {
  const { refused, home } = await setup()
  await refused('NOT_FOUND', 'profile.test', { name: 'nobody' })
  writeFileSync(join(home, 'config.json'), '{"profiles": {"odd": {"stdin": "maybe"}}}')
  await refused('CONFLICT', 'profile.test', { name: 'odd' })
  expect(existsSync(join(home, 'config.json'))).toBe(true)
  expect(readFileSync(join(home, 'config.json'), 'utf8')).toContain('maybe')
})

it('E3: the test says which variables its worker does not inherit, and no values', async () => {
  const bundle = await setup({
    clock: 'real',
    env: { PATH: process.env['PATH'], CLAUDECODE: '1', GIT_DIR: '/r/.git', KEY: 'secret-of-mine' },
  })
  await bundle.call('profile.add', { name: 'mine', stdin: 'none', shell: 'env', completion: 'exit-code' })
  const answer = await bundle.call('profile.test', { name: 'mine' })
  expect(answer.environment.taken.map(({ name }) => name)).toEqual(['CLAUDECODE', 'GIT_DIR'])
  expect(answer.environment.added).toContain('RUNBOARD_CLAIM')
  expect(JSON.stringify(answer.environment)).not.toContain('secret')
  expect(answer.output).not.toMatch(/^(CLAUDECODE|GIT_DIR)=/m)
})

it('B12: the test works on a copy of the board’s project, and leaves the project unchanged', async () => {
  const bundle = await setup({ clock: 'real' })
  const project = makeRepository(join(bundle.home, 'project'))
  project.commit('app/check.sh', 'grep -q three ../notes.txt && echo checked >made.txt && echo all is well')
  await bundle.call('board.set', { slug: 'test', settings: { project_dir: join(project.folder, 'app') } })
  await bundle.call('profile.add', { name: 'tests', shell: 'sh check.sh', completion: 'exit-code' })
  const before = [
    project.git('status', '--porcelain'),
    project.git('for-each-ref'),
    project.git('worktree', 'list'),
  ]

  const answer = await bundle.call('profile.test', { name: 'tests' })

  expect(answer).toMatchObject({ ok: true, summary: 'all is well' })
  expect(answer.steps.find(({ name }) => name === 'workspace')?.sentence).toContain('copy of the last commit')
  expect([
    project.git('status', '--porcelain'),
    project.git('for-each-ref'),
    project.git('worktree', 'list'),
  ]).toEqual(before)
})

it('B12: a new task gets a worktree if the board’s project can have one, else a scratch folder', async () => {
  const { call, create, home } = await setup()
  const kind = async (project_dir: string) => {
    await call('board.set', { slug: 'test', settings: { project_dir } })
    return (await create()).workspace_kind
  }
  expect((await create()).workspace_kind).toBe('scratch')
  mkdirSync(join(home, 'plain'))
  expect(await kind(join(home, 'plain'))).toBe('scratch')
  execFileSync('git', ['init', '-q', join(home, 'unborn')])
  expect(await kind(join(home, 'unborn'))).toBe('scratch')
  expect(await kind(makeRepository(join(home, 'project')).folder)).toBe('worktree')
  expect((await create({ workspace: 'scratch' })).workspace_kind).toBe('scratch')
  await call('board.set', { slug: 'test', settings: { default_workspace: 'scratch' } })
  expect((await create()).workspace_kind).toBe('scratch')
})
