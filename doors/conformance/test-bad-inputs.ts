import type { ErrorCode, OperationName } from '../../contract/index.ts'
import type { Input } from './test-doors.ts'

/** Input that no board accepts, or that names something that does not exist. */
export interface Bad {
  what: string
  name: OperationName
  /** `ID` stands for an existing task. */
  input: Input
  code?: ErrorCode
}

export const LONG = (length: number) => 'x'.repeat(length)
const NOT_AN_ID = ['', ' ', '\u0000', 't_\u0007', LONG(201), 'a\nb\u0001']
export const STRANGE_IDS = [
  '../../etc/passwd',
  '..',
  '/etc/passwd',
  't_0000000a/../../x',
  "t_0000000a' OR '1'='1",
  't_0000000a; DROP TABLE tasks',
  '%',
  '*',
  'null',
  '__proto__',
  'constructor',
  't_0000000A',
  '𝓽_0000000a',
]
const NOT_A_SLUG = [
  '..',
  '../x',
  'a/b',
  '/etc',
  '.x',
  '-x',
  '',
  ' ',
  'a b',
  'ä',
  LONG(65),
  '\u0000',
  'a\u0000',
  "a';--",
]
const NOT_TEXT = [7, true, null, {}, ['x'], { a: 1 }]
const CONTROLS = ['a\u0000b', 'a\u0001', '\u001f', 'a\u007f', '\ud800', 'x\udc00y']
const NOT_WHOLE = [1.5, Number.MAX_SAFE_INTEGER, 1e300, -1e300, '5', null, true, [1], {}]
/** Objects nested to a depth. */
export function nested(depth: number): Record<string, unknown> {
  let value: Record<string, unknown> = {}
  for (let level = 1; level < depth; level++) value = { a: value }
  return value
}

const NOT_A_TIME = [-1, 1.5, 253_402_300_800_000, 1e300, '2026-01-01', 'soon', true, {}]

const each = <T>(values: readonly T[], make: (value: T) => Bad): Bad[] => values.map(make)
const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 40) ?? String(value)

/** For the kernel, and for HTTP as JSON: values that a command line cannot even express. */
export const BAD_INPUTS: readonly Bad[] = [
  ...each(NOT_TEXT, (title) => ({ what: `title ${shown(title)}`, name: 'task.create', input: { title } })),
  ...each(CONTROLS, (title) => ({ what: `title ${shown(title)}`, name: 'task.create', input: { title } })),
  ...each(CONTROLS.slice(0, 1), (body) => ({
    what: 'a body with NUL',
    name: 'task.create',
    input: { title: 'x', body },
  })),
  ...each(['a\u0000', '\ud800'], (body) => ({
    what: `a comment ${shown(body)}`,
    name: 'comment.add',
    input: { id: 'ID', body },
  })),
  { what: 'a title of 501 characters', name: 'task.create', input: { title: LONG(501) } },
  {
    what: 'a body of 1,000,001 characters',
    name: 'task.create',
    input: { title: 'x', body: LONG(1_000_001) },
  },
  {
    what: 'a summary of 200,001 characters',
    name: 'task.complete',
    input: { id: 'ID', summary: LONG(200_001) },
  },
  {
    what: 'metadata of a million',
    name: 'task.complete',
    input: { id: 'ID', metadata: { a: LONG(1_000_001) } },
  },
  { what: 'a comment of 200,001 characters', name: 'comment.add', input: { id: 'ID', body: LONG(200_001) } },
  { what: 'no title', name: 'task.create', input: {} },
  { what: 'an unknown field', name: 'task.create', input: { title: 'x', status: 'done' } },
  ...each(['status', 'created_at', 'claim_lock', '__proto__x', 'current_run_id'], (field) => ({
    what: `the column ${field}`,
    name: 'task.edit',
    input: { id: 'ID', title: 'x', [field]: 'x' },
  })),
  ...each(NOT_WHOLE, (priority) => ({
    what: `priority ${shown(priority)}`,
    name: 'task.create',
    input: { title: 'x', priority },
  })),
  ...each([0, -1, 1.5, 1e12, '30m'], (max_runtime_seconds) => ({
    what: `max_runtime_seconds ${shown(max_runtime_seconds)}`,
    name: 'task.create',
    input: { title: 'x', max_runtime_seconds },
  })),
  ...each([0, -1, 1001, 1e9], (max_retries) => ({
    what: `max_retries ${max_retries}`,
    name: 'task.create',
    input: { title: 'x', max_retries },
  })),
  ...each(NOT_A_TIME, (not_before_at) => ({
    what: `not_before_at ${shown(not_before_at)}`,
    name: 'task.schedule',
    input: { id: 'ID', not_before_at },
  })),
  ...each(['t_0000000a', {}, [7], [null], Array.from({ length: 1001 }, (_, at) => `t_${at}`)], (parents) => ({
    what: `parents ${shown(parents)}`,
    name: 'task.create',
    input: { title: 'x', parents },
  })),
  ...each(['a', [7], ['a,b'], [''], Array.from({ length: 51 }, (_, at) => `s${at}`)], (skills) => ({
    what: `skills ${shown(skills)}`,
    name: 'task.create',
    input: { title: 'x', skills },
  })),
  ...each(
    ['tmp', 'dir:', 'dir', 'dir:relative/path', 'dir:../x', 'worktree:x', 'file:///etc', 'dir:/a\u0000b', 7],
    (workspace) => ({
      what: `workspace ${shown(workspace)}`,
      name: 'task.create',
      input: { title: 'x', workspace },
    }),
  ),
  { what: 'a branch without a worktree', name: 'task.create', input: { title: 'x', branch: 'b' } },
  ...each([[1], 'a', 5, true], (metadata) => ({
    what: `metadata ${shown(metadata)}`,
    name: 'task.complete',
    input: { id: 'ID', metadata },
  })),
  ...each([300, 2_000], (depth) => ({
    what: `metadata that is ${depth} deep`,
    name: 'task.complete',
    input: { id: 'ID', metadata: nested(depth) },
  })),
  ...each(['', ' ', '\t'], (reason) => ({
    what: `reason ${shown(reason)}`,
    name: 'task.block',
    input: { id: 'ID', reason },
  })),
  {
    what: 'a kind of block for the dispatcher',
    name: 'task.block',
    input: { id: 'ID', reason: 'x', kind: 'gave_up' },
  },
  { what: 'nothing to edit', name: 'task.edit', input: { id: 'ID' } },
  { what: 'an unknown status', name: 'task.move', input: { id: 'ID', status: 'doing' } },
  { what: 'a sort that is SQL', name: 'task.list', input: { sort: 'title; DROP TABLE tasks' } },
  ...each([0, -1, 100_001, 1.5, 'all'], (limit) => ({
    what: `limit ${limit}`,
    name: 'task.list',
    input: { limit },
  })),
  ...each(NOT_AN_ID, (id) => ({ what: `the id ${shown(id)}`, name: 'task.show', input: { id } })),
  ...each(NOT_TEXT, (id) => ({ what: `the id ${shown(id)}`, name: 'task.show', input: { id } })),
  ...each(STRANGE_IDS, (id) => ({
    what: `the id ${id}`,
    name: 'task.show',
    input: { id },
    code: 'NOT_FOUND',
  })),
  ...each(STRANGE_IDS, (id) => ({
    what: `completing ${id}`,
    name: 'task.complete',
    input: { id },
    code: 'NOT_FOUND',
  })),
  ...each(STRANGE_IDS, (id) => ({
    what: `the log of ${id}`,
    name: 'task.log',
    input: { id },
    code: 'NOT_FOUND',
  })),
  ...each(STRANGE_IDS, (id) => ({
    what: `a parent ${id}`,
    name: 'task.create',
    input: { title: 'x', parents: [id] },
    code: 'NOT_FOUND',
  })),
  ...each([0, -1, 1.5, 1e300, 'one', null, {}], (id) => ({
    what: `the run ${shown(id)}`,
    name: 'run.show',
    input: { id },
  })),
  ...each([1, 999, Number.MAX_SAFE_INTEGER], (id) => ({
    what: `the run ${id}`,
    name: 'run.log',
    input: { id },
    code: 'NOT_FOUND',
  })),
  ...each(
    [{ outcomes: ['failed'] }, { order: 'random' }, { limit: 1001 }, { cursor: 0 }, { since: -1 }],
    (input) => ({
      what: `runs by ${shown(input)}`,
      name: 'run.list',
      input,
    }),
  ),
  ...each(NOT_A_SLUG, (slug) => ({
    what: `the board ${shown(slug)}`,
    name: 'board.create',
    input: { slug },
  })),
  ...each(NOT_A_SLUG, (slug) => ({
    what: `deleting the board ${shown(slug)}`,
    name: 'board.delete',
    input: { slug },
  })),
  ...each(NOT_A_SLUG, (board) => ({
    what: `on the board ${shown(board)}`,
    name: 'task.list',
    input: { board },
  })),
  ...each(NOT_A_SLUG, (name) => ({
    what: `the profile ${shown(name)}`,
    name: 'profile.add',
    input: { name, shell: 'true' },
  })),
  ...each(
    NOT_A_SLUG.filter((slug) => slug.trim() !== ''),
    (assignee) => ({
      what: `the assignee ${shown(assignee)}`,
      name: 'task.assign',
      input: { id: 'ID', assignee },
    }),
  ),
  { what: 'a profile without a command', name: 'profile.add', input: { name: 'p' } },
  {
    what: 'a pattern that is none',
    name: 'profile.add',
    input: { name: 'p', shell: 'true', rate_limit_pattern: '(' },
  },
  {
    what: 'a variable that is none',
    name: 'profile.add',
    input: { name: 'p', shell: 'true', env: { 'A B': 'x' } },
  },
  { what: 'no ids', name: 'task.bulk', input: { ids: [], verb: 'archive' } },
  { what: 'an unknown verb', name: 'task.bulk', input: { ids: ['ID'], verb: '__proto__' } },
  { what: 'ids that are text', name: 'task.bulk', input: { ids: 'ID', verb: 'archive' } },
  {
    what: 'ten thousand and one ids',
    name: 'task.bulk',
    input: { ids: Array.from({ length: 10_001 }, () => 'ID'), verb: 'archive' },
  },
]
