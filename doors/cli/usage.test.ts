import { describe, expect, it } from 'vitest'
import { OperationError } from '../../contract/index.ts'
import { fakeKernel, runCli } from './test-run.ts'

const WRONG: string[][] = [
  [],
  ['frobnicate'],
  ['boards'],
  ['boards', 'frobnicate'],
  ['help', 'frobnicate'],
  ['--frob', 'list'],
  ['list', '--frob'],
  ['list', '-x'],
  ['list', 'word'],
  ['list', '--status', 'nonsense'],
  ['list', '--status', 'ready,nonsense'],
  ['list', '--status', ''],
  ['list', '--sort', 'age'],
  ['list', '--limit', '0'],
  ['list', '--limit', '-1'],
  ['list', '--limit', 'ten'],
  ['list', '--assignee', 'Not A Profile'],
  ['list', '--archived=yes'],
  ['create'],
  ['create', ''],
  ['create', '   '],
  ['create', 'two', 'words'],
  ['create', 'x', '--body'],
  ['create', 'x', '--body', 'a', '--body-file', '-'],
  ['create', 'x', '--body-file', '/no/such/file'],
  ['create', 'x', '--priority', 'high'],
  ['create', 'x', '--priority', '1.5'],
  ['create', 'x', '--max-runtime', '5x'],
  ['create', 'x', '--max-runtime', '0'],
  ['create', 'x', '--max-runtime', '-5'],
  ['create', 'x', '--max-retries', '0'],
  ['create', 'x', '--not-before', 'soon'],
  ['create', 'x', '--not-before', '2026-02-31'],
  ['create', 'x', '--workspace', 'elsewhere'],
  ['create', 'x', '--workspace', 'dir:'],
  ['create', 'x', '--skill', ''],
  ['create', 'x', '--assignee', 'No Profile!'],
  ['show'],
  ['show', 't_1', 't_2'],
  ['run', 'abc'],
  ['run', '0'],
  ['run', '-1'],
  ['log', 't_1', '--run', '0'],
  ['log', 't_1', '--run', 'x'],
  ['log', 't_1', '--tail', '0'],
  ['log', 't_1', '--tail', '1k'],
  ['edit', 't_1', '--metadata', '[]'],
  ['complete', 't_1', '--metadata', '{'],
  ['complete', 't_1', '--metadata', '[1]'],
  ['complete', 't_1', '--metadata', '"text"'],
  ['complete', 't_1', '--metadata', '7'],
  ['complete', 't_1', 't_2', '--summary', 'S'],
  ['complete', 't_1', 't_2', '--metadata', '{}'],
  ['complete'],
  ['block', 't_1'],
  ['block', 't_1', '--reason', '  '],
  ['block', 't_1', '--reason', 'R', '--kind', 'gave_up'],
  ['assign', 't_1'],
  ['assign', 't_1', 't_2', 'Not A Profile'],
  ['link', 't_1'],
  ['comment', 't_1'],
  ['comment', 't_1', ' '],
  ['claim', 't_1', '--ttl', '0'],
  ['claim', 't_1', '--ttl', '5m'],
  ['schedule', 't_1'],
  ['schedule', 't_1', '--not-before', '+'],
  ['move', 't_1', 'nowhere'],
  ['request-changes', 't_1', ''],
  ['delete', 't_1'],
  ['boards', 'delete', 'x'],
  ['boards', 'create', 'No Slug'],
  ['boards', 'set', 'x'],
  ['boards', 'set', 'x', 'frob=1'],
  ['boards', 'set', 'x', 'max_running=none_at_all'],
  ['boards', 'set', 'x', 'max_running=0'],
  ['profiles', 'add', 'p', '--completion', 'maybe'],
  ['profiles', 'add', 'p', '--env', 'NOEQUALS', '--shell', 'true'],
  ['profiles', 'add', 'p', '--env', '1X=2', '--shell', 'true'],
  ['profiles', 'add', 'p', '--capability', 'boss', '--shell', 'true'],
  ['profiles', 'add', 'p', '--backoff', '-1', '--shell', 'true'],
  ['profiles', 'add', 'p', 'stray', '--shell', 'true'],
  ['profiles', 'set', 'p', 'stdin=maybe'],
  ['dispatch', '--max', '0'],
  ['watch', '--since', '-1'],
  ['serve', '--port', '70000'],
  ['serve', '--port', 'x'],
  ['completion', 'tcsh'],
  ['completion'],
  ['--board', 'not a slug', 'list'],
  ['list', '--board', '../x'],
  ['list', '--home', ''],
  ['list', '--board'],
]

describe.each(WRONG.map((argv) => ({ line: argv.join(' '), argv })))('runboard $line', ({ argv }) => {
  it('is wrong usage, reported in a sentence, and the kernel gets no call', async () => {
    const kernel = fakeKernel()
    const { code, stdout, stderr } = await runCli(argv, { kernel })
    expect({ code, stdout, calls: kernel.calls }).toEqual({ code: 2, stdout: '', calls: [] })
    expect(stderr).toMatch(/(^|\n)runboard: .+\n$/)
  })

  it('with --json prints the error object', async () => {
    const at =
      argv.length > 0 && argv.at(-1)?.startsWith('--') !== true ? [...argv, '--json'] : ['--json', ...argv]
    const { code, stdout, stderr } = await runCli(at, { kernel: fakeKernel() })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'INVALID_INPUT', message: expect.any(String) },
    })
  })
})

it('an unknown verb or flag gets a suggestion', async () => {
  expect((await runCli(['crate', 'x'])).stderr).toContain('create')
  expect((await runCli(['create', 'x', '--asignee', 'p'])).stderr).toContain('--assignee')
})

it('a refusal by the board exits with 1, bad input with 2', async () => {
  const refuse = (code: 'CONFLICT' | 'INVALID_INPUT' | 'NOT_FOUND' | 'INTERNAL') =>
    fakeKernel(() => {
      throw new OperationError(code, 'It is refused.', { why: code })
    })
  for (const code of ['CONFLICT', 'NOT_FOUND', 'INTERNAL'] as const) {
    const ran = await runCli(['stop', 't_1', '--json'], { kernel: refuse(code) })
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 1, stdout: '' })
    expect(ran.error()).toEqual({ code, message: 'It is refused.', data: { why: code } })
  }
  expect((await runCli(['stop', 't_1'], { kernel: refuse('INVALID_INPUT') })).code).toBe(2)
  expect((await runCli(['stop', 't_1'], { kernel: refuse('CONFLICT') })).stderr).toBe(
    'runboard: It is refused.\n',
  )
})

it('a defect is INTERNAL and exits with 1, without a stack', async () => {
  const kernel = fakeKernel(() => {
    throw new TypeError('undefined is not an object')
  })
  const { code, stderr } = await runCli(['stats'], { kernel })
  expect(code).toBe(1)
  expect(stderr).toBe('runboard: Internal error: undefined is not an object\n')
})
