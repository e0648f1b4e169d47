import { expect, it } from 'vitest'
import type { OperationInput } from '../../contract/index.ts'
import { endRateLimited } from '../lifecycle/rate-limit.ts'
import { failOpenRun, openRun, PLAIN_POLICY } from '../testing/factories.ts'
import { type Setup, setup } from '../testing/setup.ts'

/** A task of this profile with one attempt that failed with this error. */
async function failed(bundle: Setup, title: string, profile: string, error: string): Promise<string> {
  const { id } = await bundle.create({ title, assignee: profile })
  await bundle.claim(id, profile)
  bundle.clock.advance(1000)
  failOpenRun(bundle, id, { error })
  bundle.clock.advance(1000)
  return id
}

/** Six runs: three in two tasks that fail alike, one that fails differently, one that is done, one still open. */
async function stage() {
  const bundle = await setup()
  const { clock, create, claim, call } = bundle
  const start = clock.now
  const twice = await failed(bundle, 'Twice', 'coder', 'No space left on disk 1')
  await failed(bundle, 'Once', 'coder', 'No space left on disk 2')
  await call('task.retry', { id: twice })
  await claim(twice, 'coder')
  failOpenRun(bundle, twice, { error: 'No space left on disk 3' })
  await failed(bundle, 'Other', 'tester', 'Permission denied')
  const done = await create('Done')
  const { worker } = await claim(done.id, 'tester')
  await call('task.complete', { id: done.id, summary: 'ok' }, worker)
  const going = await create('Going')
  await claim(going.id, 'coder')
  const titles = async (input: OperationInput<'run.list'>) =>
    (await call('run.list', input)).runs.map(({ title, attempt }) => `${title} ${attempt}`)
  return { ...bundle, start, twice, titles }
}

it('lists the runs of the whole board newest first, or oldest first', async () => {
  const { titles } = await stage()
  const newest = ['Going 1', 'Done 1', 'Other 1', 'Twice 2', 'Once 1', 'Twice 1']
  expect(await titles({})).toEqual(newest)
  expect(await titles({ order: 'oldest' })).toEqual([...newest].reverse())
})

it('filters runs by outcome, profile, task and time', async () => {
  const { titles, twice, start } = await stage()
  expect(await titles({ failed: true })).toEqual(['Other 1', 'Twice 2', 'Once 1', 'Twice 1'])
  expect(await titles({ outcomes: ['completed', 'crashed'], profile: 'tester' })).toEqual([
    'Done 1',
    'Other 1',
  ])
  expect(await titles({ outcomes: ['completed'], failed: true })).toEqual([])
  expect(await titles({ open: true })).toEqual(['Going 1'])
  expect(await titles({ open: false, profile: 'coder' })).toEqual(['Twice 2', 'Once 1', 'Twice 1'])
  expect(await titles({ task_id: twice })).toEqual(['Twice 2', 'Twice 1'])
  expect(await titles({ until: start + 2000 })).toEqual(['Twice 1'])
  expect(await titles({ since: start + 5000 })).toEqual(['Going 1', 'Done 1', 'Other 1'])
})

it('finds runs by words of their error, their summary, their profile and the title of their task', async () => {
  const { titles, clock } = await stage()
  expect(await titles({ search: 'denied' })).toEqual(['Other 1'])
  expect(await titles({ search: 'SPACE left' })).toEqual(['Twice 2', 'Once 1', 'Twice 1'])
  expect(await titles({ search: 'ok' })).toEqual(['Done 1'])
  expect(await titles({ search: 'going' })).toEqual(['Going 1'])
  expect(await titles({ search: 'est' })).toEqual(['Done 1', 'Other 1'])
  expect(await titles({ search: 'tester denied' })).toEqual(['Other 1'])
  expect(await titles({ search: 'tester disk' })).toEqual([])
  expect(await titles({ search: 'disk', order: 'oldest', limit: 2 })).toEqual(['Twice 1', 'Once 1'])
  expect(await titles({ search: '  ' })).toHaveLength(6)
  expect(await titles({ search: '"* (' })).toEqual([])
  const yesterday = clock.now
  clock.advance(86_400_000)
  expect(await titles({ search: 'permission', until: yesterday })).toEqual(['Other 1'])
  expect(await titles({ search: 'permission', since: yesterday })).toEqual([])
})

it('groups failed runs by their error, the most frequent first', async () => {
  const { call, twice } = await stage()
  const groups = async (input: OperationInput<'run.errors'>) => {
    const { errors, total } = await call('run.errors', input)
    expect(total).toBeGreaterThanOrEqual(errors.length)
    return errors.map(({ runs, tasks, run }) => [runs, tasks, `${run.title} ${run.attempt}`])
  }
  expect(await groups({})).toEqual([
    [3, 2, 'Twice 2'],
    [1, 1, 'Other 1'],
  ])
  expect(await groups({ limit: 1 })).toHaveLength(1)
  expect(await groups({ search: 'space' })).toEqual([[3, 2, 'Twice 2']])
  expect(await groups({ profile: 'tester' })).toEqual([[1, 1, 'Other 1']])
  expect(await groups({ task_id: twice })).toEqual([[2, 1, 'Twice 2']])
  expect(await groups({ search: 'marmalade' })).toEqual([])
  const [first] = (await call('run.errors', {})).errors
  expect((await call('run.list', { fingerprint: first!.fingerprint })).runs).toHaveLength(3)
})

it('groups no runs that did not fail, although they have an error', async () => {
  const bundle = await setup()
  const { id } = await bundle.create({ assignee: 'coder' })
  await bundle.claim(id, 'coder')
  bundle.write((tx) => {
    const { task, run } = openRun(tx, id)
    const limit = { resets_at: null, error: 'Too many requests', exit: null }
    return endRateLimited(tx, task, run, limit, PLAIN_POLICY)
  })
  const [run] = (await bundle.call('task.runs', { id })).runs
  expect(run).toMatchObject({ outcome: 'rate_limited', error_fingerprint: expect.any(String) })
  expect(await bundle.call('run.errors', {})).toEqual({ errors: [], total: 0 })
})

it('pages through runs without a gap or a repeat', async () => {
  const { call, titles } = await stage()
  const seen: string[] = []
  let cursor: number | null = null
  do {
    const input: OperationInput<'run.list'> = { limit: 2, ...(cursor === null ? {} : { cursor }) }
    const page = await call('run.list', input)
    seen.push(...page.runs.map(({ title, attempt }) => `${title} ${attempt}`))
    cursor = page.next
  } while (cursor !== null)
  expect(seen).toEqual(await titles({}))
})

it('says in how many other tasks the same failure occurred, and leads to them', async () => {
  const { call, titles, twice } = await stage()
  const { runs } = await call('run.list', { order: 'oldest' })
  expect(runs.map(({ same_error_tasks }) => same_error_tasks)).toEqual([1, 1, 1, 0, 0, 0])
  const [first] = (await call('task.runs', { id: twice })).runs
  expect((await call('run.show', { id: first!.id })).same_error_tasks).toBe(1)
  const fingerprint = first!.error_fingerprint!
  expect(await titles({ fingerprint })).toEqual(['Twice 2', 'Once 1', 'Twice 1'])
})

it('finds similar failures by the whole stored text, however long it is', async () => {
  const bundle = await setup()
  const error = `It exited with 1.\n\u001b[31m${'The check of the importer does not hold. '.repeat(20)}`
  const first = await failed(bundle, 'First', 'coder', error)
  await failed(bundle, 'Second', 'coder', error)
  const [run] = (await bundle.call('task.runs', { id: first })).runs
  const { runs } = await bundle.call('run.list', { fingerprint: run!.error_fingerprint! })
  expect(runs.map(({ title, same_error_tasks }) => [title, same_error_tasks])).toEqual([
    ['Second', 1],
    ['First', 1],
  ])
})

it('lists nothing without runs', async () => {
  const { call } = await setup()
  expect(await call('run.list', {})).toEqual({ runs: [], next: null })
})
