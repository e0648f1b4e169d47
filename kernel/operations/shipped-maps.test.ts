import { beforeEach, describe, expect, it } from 'vitest'
import type { Task } from '../../contract/index.ts'
import { makeRepository } from '../testing/repository.ts'
import { type Setup, setup, temporaryFolder } from '../testing/setup.ts'

let bundle: Setup

beforeEach(async () => {
  bundle = await setup()
  const { call, slug } = bundle
  await call('profile.add', { name: 'coder', shell: 'true', capabilities: ['worker'] })
  await call('profile.add', { name: 'critic', shell: 'true', capabilities: ['reviewer', 'planner'] })
  const { folder } = makeRepository(temporaryFolder())
  await call('board.set', { slug, settings: { project_dir: folder } })
})

/** The report of a fake worker, or the answer of a person, at a step; by default its usual verdict. */
type Says = { verdict?: string; metadata?: Record<string, unknown>; summary?: string }
type Script = Record<string, Says | ((task: Task, nth: number) => Says)>

const USUAL: Record<string, string> = {
  test: 'passed',
  merge: 'merged',
  take: 'merged',
  review: 'accept',
  review_all: 'accept',
  // The run that joins the branches of the parts.
  build: 'succeeded',
}

/** Runs fake workers and a person until the card is done or nothing more can happen. */
async function play(id: string, script: Script): Promise<Task> {
  const { call } = bundle
  const visits = new Map<string, number>()
  for (let left = 200; left > 0; left -= 1) {
    const { tasks } = await call('task.list', {})
    const next = tasks.find(({ held, status }) => (status === 'ready' && !held) || status === 'review')
    if (next === undefined) break
    const step = next.current_step_key ?? ''
    const nth = (visits.get(step) ?? 0) + 1
    visits.set(step, nth)
    const said = script[step]
    const {
      metadata,
      summary = `did ${step}`,
      verdict,
    } = (typeof said === 'function' ? said(next, nth) : said) ?? {}
    const given = { ...(metadata === undefined ? {} : { metadata: metadata as never }), summary }
    if (next.status === 'review') {
      const answer = metadata === undefined ? {} : { metadata: metadata as never }
      await call('task.approve', { id: next.id, ...answer, ...(verdict === undefined ? {} : { verdict }) })
    } else if (next.assignee?.startsWith('runboard:')) {
      await call('task.skip', { id: next.id, verdict: verdict ?? USUAL[step] ?? 'done', reason: 'By hand' })
    } else {
      const { worker } = await bundle.claim(next.id, next.assignee ?? undefined)
      const usual = verdict ?? USUAL[step]
      await call(
        'task.complete',
        { id: next.id, ...given, ...(usual === undefined ? {} : { verdict: usual }) },
        worker,
      )
    }
  }
  return bundle.task(id)
}

async function started(name: string, inputs: Record<string, unknown>, roles: Record<string, string> = {}) {
  const { id } = await bundle.create({ title: name, verify_command: 'true' })
  await bundle.call('workflow.start', { id, name, inputs: inputs as never, roles })
  return id
}

describe('plan-and-build', () => {
  const parts = (...keys: string[]) => ({
    metadata: { parts: keys.map((key, n) => ({ key, goal: `Build ${key}`, after: keys.slice(0, n) })) },
  })
  const findings = { metadata: { findings: [] } }
  const planned = (...keys: string[]): Script => ({
    plan: parts(...keys),
    review: findings,
    review_all: findings,
  })
  const begin = () =>
    started(
      'plan-and-build',
      { goal: 'A house' },
      { planner: 'critic', builder: 'coder', reviewer: 'critic' },
    )

  it('builds each part in its order, joins them, and merges the whole', async () => {
    const id = await begin()
    expect(await play(id, planned('floor', 'roof'))).toMatchObject({
      status: 'done',
      current_step_key: 'built',
    })
    const { items = [] } = await bundle.call('task.show', { id })
    expect(items.map(({ key, state }) => `${key} ${state}`)).toEqual(['floor succeeded', 'roof succeeded'])
    const { walks } = await bundle.call('task.walk', { id: items[1]?.task?.id ?? '' })
    expect(walks[0]).toMatchObject({
      workflow: 'part',
      roles: { builder: 'coder', reviewer: 'critic' },
      inputs: { goal: expect.stringMatching(/^Build roof\n\nThis is one part of: A house/) as string },
    })
  })

  it('sends what the review of the whole finds back to be put right', async () => {
    const id = await begin()
    const review_all = (_: Task, nth: number): Says =>
      nth === 1
        ? { verdict: 'changes', metadata: { findings: [{ file: 'a', what: 'b' }] } }
        : { verdict: 'accept', ...findings }
    const script = { ...planned('floor'), review_all, test_all: { verdict: 'passed' } }
    expect(await play(id, script)).toMatchObject({ current_step_key: 'built' })
    const { walks } = await bundle.call('task.walk', { id })
    expect(walks[0]?.visits.map(({ step }) => step)).toContain('fix_all')
  })

  it('ends without parts, or when a person drops the plan', async () => {
    expect(await play(await begin(), planned())).toMatchObject({ current_step_key: 'nothing' })
    const dropped = { ...planned('floor'), agree: { verdict: 'rejected' } }
    expect(await play(await begin(), dropped)).toMatchObject({ current_step_key: 'dropped' })
  })

  it('asks when a part was not built, and plans again', async () => {
    const id = await begin()
    const { worker } = await bundle.claim(id, 'critic')
    await bundle.call('task.complete', { id, metadata: parts('floor').metadata }, worker)
    await bundle.call('task.approve', { id })
    const { items = [] } = await bundle.call('task.show', { id })
    await bundle.call('task.archive', { id: items[0]?.task?.id ?? '' })
    expect(await bundle.task(id)).toMatchObject({ status: 'review', current_step_key: 'ask' })
    const end = await play(id, { ...planned('floor'), ask: { verdict: 'changes' } })
    expect(end).toMatchObject({ status: 'done', current_step_key: 'built' })
    const { walks } = await bundle.call('task.walk', { id })
    expect(walks[0]?.visits.filter(({ step }) => step === 'build')).toHaveLength(2)
  })
})

describe('dependencies', () => {
  const work = { metadata: { updated: ['a'], kept: [] } }

  it('reports on every repository', async () => {
    const id = await started('dependencies', { repositories: ['/a', '/b'] }, { updater: 'coder' })
    expect(await play(id, { work })).toMatchObject({ current_step_key: 'updated', status: 'done' })
    const { walks } = await bundle.call('task.walk', { id })
    expect(walks[0]?.visits[0]?.outputs).toMatchObject({
      items: [{ key: '/a', metadata: { updated: ['a'] } }, { key: '/b' }],
    })
  })

  it('reports a repository that could not be updated, and ends when there are no repositories', async () => {
    const id = await started('dependencies', { repositories: ['/a', '/b'] }, { updater: 'coder' })
    const { items = [] } = await bundle.call('task.show', { id })
    await bundle.call('task.archive', { id: items[0]?.task?.id ?? '' })
    expect(await play(id, { work })).toMatchObject({ current_step_key: 'partly' })
    const none = await started('dependencies', { repositories: [] }, { updater: 'coder' })
    expect(await bundle.task(none)).toMatchObject({ status: 'done', current_step_key: 'nothing' })
  })
})

describe('best-of', () => {
  const compared = { verdict: 'compared', metadata: { best: 'coder', why: 'Shorter' } }
  const begin = (profiles = ['coder', 'critic']) =>
    started('best-of', { task: 'Name it', profiles }, { judge: 'critic' })

  it('gives the task to every profile, and hands over what a person chooses', async () => {
    const id = await begin()
    const work = ({ assignee }: Task): Says => ({ summary: `by ${assignee ?? ''}` })
    const end = await play(id, { work, compare: compared, pick: { metadata: { item: 'critic' } } })
    expect(end).toMatchObject({ status: 'done', current_step_key: 'chosen' })
    const { walks } = await bundle.call('task.walk', { id })
    const visits = walks[0]?.visits ?? []
    expect(visits.find(({ step }) => step === 'pick')?.outputs).toEqual({
      item: 'critic',
      result: 'by critic',
    })
    expect(visits.slice(-2).map(({ step }) => step)).toEqual(['take', 'merge'])
  })

  it('needs an item that succeeded', async () => {
    const id = await begin()
    await expect(play(id, { compare: compared, pick: { metadata: { item: 'other' } } })).rejects.toThrow(
      'Use one of: coder, critic.',
    )
    await bundle.refused('CONFLICT', 'task.approve', { id })
    expect(await play(id, { pick: { verdict: 'rejected' } })).toMatchObject({ current_step_key: 'dropped' })
  })

  it('tries again when the judge, or the person, wants it', async () => {
    const id = await begin()
    const compare = (_: Task, nth: number): Says =>
      nth === 1 ? { verdict: 'none', metadata: { best: '', why: 'Both are wrong' } } : compared
    const pick = (_: Task, nth: number): Says =>
      nth === 1 ? { verdict: 'changes' } : { metadata: { item: 'coder' } }
    expect(await play(id, { compare, pick })).toMatchObject({ current_step_key: 'chosen' })
    const { walks } = await bundle.call('task.walk', { id })
    expect(walks[0]?.visits.filter(({ step }) => step === 'attempts')).toHaveLength(3)
  })

  it('refuses a profile that does not exist', async () => {
    const { id } = await bundle.create('Which')
    const input = {
      id,
      name: 'best-of',
      inputs: { task: 'x', profiles: ['coder', 'nobody'] },
      roles: { judge: 'critic' },
    }
    const error = await bundle.refused('CONFLICT', 'workflow.start', input)
    expect(error.message).toContain('“nobody”')
  })
})
