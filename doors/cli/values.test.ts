import { mkdtempSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { boardSettingsInput, type CliParse, profileFields } from '../../contract/index.ts'
import { BAD_LENGTHS, LENGTHS } from '../../formats/testing/lengths.ts'
import { parsePairs, parseValue, type ValueContext } from './values.ts'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const context = (schema?: z.ZodType): ValueContext => ({
  name: '--x',
  schema,
  cwd: '/here',
  stdin: Readable.from([Buffer.from('from standard input')]),
  now: NOW,
})

it.each(LENGTHS)('B11: “%s” is %d s', async (text, seconds) => {
  expect(await parseValue(text, 'duration', context())).toBe(seconds)
})

it.each(BAD_LENGTHS)('B11: “%s” is refused as a duration', async (text) => {
  await expect(parseValue(text, 'duration', context())).rejects.toThrow(/is not a duration/)
})

const GOOD: [text: string, kind: CliParse, value: unknown][] = [
  ['-5', 'int', -5],
  ['007', 'int', 7],
  ['9007199254740991', 'int', 9_007_199_254_740_991],
  ['1.5', 'float', 1.5],
  ['-.5', 'float', -0.5],
  ['90', 'duration', 90],
  ['0', 'duration', 0],
  ['30m', 'duration', 1800],
  ['1.5h', 'duration', 5400],
  ['1d', 'duration', 86_400],
  ['+2h', 'when', NOW + 7_200_000],
  ['2026-12-24T08:00:00Z', 'when', Date.UTC(2026, 11, 24, 8)],
  ['2026-12-24T08:00:00+02:00', 'when', Date.UTC(2026, 11, 24, 6)],
  ['{"a":[1,null]}', 'json', { a: [1, null] }],
  ['none', 'assignee', null],
  ['-', 'assignee', null],
  ['claude', 'assignee', 'claude'],
  ['sub/../dir', 'path', '/here/dir'],
  ['/abs', 'path', '/abs'],
  ['~', 'path', homedir()],
  ['~/x', 'path', join(homedir(), 'x')],
  ['scratch', 'workspace', 'scratch'],
  ['dir:.', 'workspace', 'dir:/here'],
  ['worktree', 'workspace', 'worktree'],
  ['worktree:../w', 'workspace', 'worktree:/w'],
  ['dir:', 'workspace', 'dir:'],
  ['- not a flag', 'text', '- not a flag'],
]

it.each(GOOD)('“%s” as %s', async (text, kind, value) => {
  expect(await parseValue(text, kind, context())).toEqual(value)
})

const BAD: [text: string, kind: CliParse][] = [
  ['', 'int'],
  ['1.5', 'int'],
  ['1e3', 'int'],
  ['0x10', 'int'],
  ['+5', 'int'],
  [' 5', 'int'],
  ['9007199254740993', 'int'],
  ['ten', 'int'],
  ['none', 'int'],
  ['1e3', 'float'],
  ['.', 'float'],
  ['', 'duration'],
  ['-5', 'duration'],
  ['none', 'duration'],
  ['', 'when'],
  ['tomorrow', 'when'],
  ['2026-02-30', 'when'],
  ['2026-13-01', 'when'],
  ['+', 'when'],
  ['1700000000000', 'when'],
  ['', 'json'],
  ['null', 'json'],
  ['{a:1}', 'json'],
  ["{'a':1}", 'json'],
  ['', 'path'],
  ['/no/such/file', 'file'],
]

it.each(BAD)('“%s” is refused as %s', async (text, kind) => {
  await expect(parseValue(text, kind, context())).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

it('none clears a value where the field allows it', async () => {
  const nullable = context(z.int().nullable().optional())
  expect(await parseValue('none', 'int', nullable)).toBeNull()
  expect(await parseValue('none', 'duration', nullable)).toBeNull()
  expect(await parseValue('none', 'when', nullable)).toBeNull()
})

it('a file is read relative to the current folder, and - is standard input', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'runboard-cli-'))
  writeFileSync(join(folder, 'body.md'), '\ufeff# Größe\n')
  const here = { ...context(), cwd: folder }
  expect(await parseValue('body.md', 'file', here)).toBe('# Größe\n')
  expect(await parseValue('-', 'file', here)).toBe('from standard input')
  writeFileSync(join(folder, 'bytes'), Buffer.from([0xff, 0xfe, 0x00]))
  await expect(parseValue('bytes', 'file', here)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  await expect(parseValue('.', 'file', here)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

it('board settings take what their fields take', () => {
  expect(
    parsePairs(
      [
        'name=A = B',
        'max_running=3',
        'failure_limit=',
        'stale_after_seconds=30m',
        'project_dir=../p',
        'icon=',
      ],
      context(boardSettingsInput()),
    ),
  ).toEqual({
    name: 'A = B',
    max_running: 3,
    failure_limit: null,
    stale_after_seconds: 1800,
    project_dir: '/p',
    icon: null,
  })
})

it('profile fields take lists, variables and durations', () => {
  expect(
    parsePairs(
      [
        'capabilities=worker,planner',
        'rate_limit_exit_codes=75,99',
        'command=["sh","-c","a,b"]',
        'env=A=1,B=2=3',
        'backoff_seconds=0',
        'max_runtime_seconds=none',
        'completion=exit-code',
        'model=none',
      ],
      context(profileFields()),
    ),
  ).toEqual({
    capabilities: ['worker', 'planner'],
    rate_limit_exit_codes: [75, 99],
    command: ['sh', '-c', 'a,b'],
    env: { A: '1', B: '2=3' },
    backoff_seconds: 0,
    max_runtime_seconds: null,
    completion: 'exit-code',
    model: 'none',
  })
})

it.each(['novalue', '=x', 'max_running', 'no_such=1', 'max_running=many', '__proto__=x', 'env={'])(
  'refuses the setting “%s”',
  (text) => {
    const schema = z.strictObject({ ...boardSettingsInput().shape, ...profileFields().shape })
    expect(() => parsePairs([text], context(schema))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }) as Error,
    )
  },
)

it('variables keep their text, whatever it looks like', () => {
  const schema = z.record(z.string(), z.string())
  expect(parsePairs(['A=', 'B=x=y', 'A=2'], context(schema))).toEqual({ A: '2', B: 'x=y' })
})
