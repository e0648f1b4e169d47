import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Client } from '../../contract/index.ts'
import { localClient } from '../../doors/ipc/index.ts'
import type { Caller } from '../../kernel/index.ts'
import { cleanUp, setup, until } from '../../kernel/testing/setup.ts'
import type { Setup, SetupOptions } from '../../kernel/testing/setup.ts'
import { Attention } from './attention.ts'
import { BoardFollower } from './follower.ts'
import { readOverview, trayState } from './overview.ts'
import { inWords } from './sentences.ts'
import type { Notice } from './sentences.ts'

interface Desk extends Setup {
  told: Notice[]
  reported: unknown[]
  attention: Attention
  follower: BoardFollower
  client: Client
}

/** A board whose events are followed, and what a person is told of them. */
async function desk(options: SetupOptions = {}): Promise<Desk> {
  const board = await setup(options)
  const told: Notice[] = []
  const reported: unknown[] = []
  const report = (...words: unknown[]) => reported.push(words)
  const client = localClient(board.kernel, board.person)
  const attention = new Attention({
    client,
    tell: (notice) => told.push(notice),
    report,
    clock: () => now(board, options),
  })
  const follower = new BoardFollower({
    client,
    report,
    onEvent: (slug, event) => {
      attention.notice(slug, event)
    },
  })
  cleanUp(() => {
    attention.stop()
    follower.stop()
    expect(reported).toEqual([])
  })
  await follower.start()
  return { ...board, told, reported, attention, follower, client }
}

function now({ clock }: Setup, options: SetupOptions): number {
  return options.clock === 'real' ? Date.now() : clock.now
}

let at: Desk

/** The board as this worker sees it. */
function as(worker: Caller): Client {
  return localClient(at.kernel, worker)
}

describe('on a board whose workers are told what to say', () => {
  beforeEach(async () => {
    at = await desk()
  })

  async function told(): Promise<Notice> {
    return until(() => at.told[0], 'a notice')
  }

  it('a task that asks is told with its question, and leads to its attempt', async () => {
    const { task, worker } = await at.claim((await at.create('Name the command')).id)
    await as(worker).task.block({ id: task.id, reason: 'export or dump?\nBoth are free.' })
    expect(await told()).toEqual({
      title: 'Needs you: Name the command',
      body: 'export or dump?\nWaits for your answer.',
      place: { board: 'test', task: task.id, attempt: 1 },
    })
  })

  it('a task that nobody ran is told without an attempt', async () => {
    const task = await at.create('Never ran')
    await at.client.task.block({ id: task.id, reason: 'No access', kind: 'capability' })
    expect(await told()).toMatchObject({ body: 'No access\nWaits until you give it what it lacks.' })
  })

  it('a review is told with the summary', async () => {
    const { task, worker } = await at.claim((await at.create('Write it')).id)
    await as(worker).task.request_review({ id: task.id, summary: 'Wrote it' })
    expect(await told()).toMatchObject({
      title: 'Wants a review: Write it',
      body: 'Wrote it\nWaits for your approval.',
    })
  })

  it('what has been dealt with before it could be told is not told', async () => {
    const { task, worker } = await at.claim((await at.create('Quick')).id)
    await as(worker).task.request_review({ id: task.id })
    await at.client.task.approve({ id: task.id })
    const other = await at.claim((await at.create('Other')).id)
    await as(other.worker).task.block({ id: other.task.id, reason: 'Why?' })
    expect((await told()).title).toBe('Needs you: Other')
    expect(at.told).toHaveLength(1)
  })

  it('several at once become one, which leads to the inbox', async () => {
    for (const title of ['A', 'B', 'C', 'D', 'E']) {
      const { id } = await at.create(title)
      await at.client.task.block({ id, reason: 'Why?' })
    }
    expect(await told()).toEqual({
      title: '5 tasks need a look',
      body: 'Needs you: A\nNeeds you: B\nNeeds you: C\nand 2 more',
      place: { board: 'test', view: 'inbox' },
    })
    expect(at.told).toHaveLength(1)
  })

  it('a board that is made later is followed too', async () => {
    await at.client.board.create({ slug: 'later' })
    await at.follower.runOnce()
    const { id } = (await at.client.task.create({ board: 'later', title: 'There' })).task
    await at.client.task.block({ board: 'later', id, reason: 'Why?' })
    expect((await told()).place).toMatchObject({ board: 'later', task: id })
  })

  it('an id that is no task any more is reported, and the rest is told', async () => {
    const { id } = await at.create('Here')
    const [event] = await at.events(id)
    at.attention.notice('test', { ...event!, kind: 'crashed', task_id: 't_ffffffff' })
    await at.client.task.block({ id, reason: 'Why?' })
    expect((await told()).title).toBe('Needs you: Here')
    expect(at.reported.splice(0)).toHaveLength(1)
  })
})

describe('on a board with real workers', () => {
  const tells = async (title: string) => until(() => at.told.find((notice) => notice.title === title), title)

  beforeEach(async () => {
    at = await desk({ clock: 'real' })
    const dispatching = at.kernel.startDispatching()
    cleanUp(() => dispatching.stop())
  })

  afterEach(() => {
    at.invariants()
  })

  it('a crash is told with when it is tried again', async () => {
    const profile = { name: 'shaky', shell: 'echo no such luck; exit 3', completion: 'exit-code' as const }
    await at.client.profile.add({ ...profile, backoff_seconds: 600 })
    await at.create({ title: 'Try', assignee: 'shaky' })
    const { body } = await tells('Crashed: Try')
    expect(body).toMatch(/\nTries again in (?:[89]|1[0-2]) min\.$/)
  })

  it('the last one is told once, with that it is the last', async () => {
    const profile = { name: 'once', shell: 'exit 3', completion: 'exit-code' as const, failure_limit: 1 }
    await at.client.profile.add(profile)
    const task = await at.create({ title: 'Try once', assignee: 'once' })
    const { body, place } = await tells('Gave up: Try once')
    expect(body).toMatch(/\nWill not retry until you unblock it\.$/)
    expect(place).toEqual({ board: 'test', task: task.id, attempt: 1 })
    expect(at.told).toHaveLength(1)
  })

  it('a profile that is held is told once, for all its tasks', async () => {
    const profile = { name: 'broken', shell: 'exit 3', completion: 'exit-code' as const, failure_limit: 1 }
    await at.client.profile.add(profile)
    for (const title of ['A', 'B', 'C', 'D', 'E']) await at.create({ title, assignee: 'broken' })
    const all = await until(() =>
      at.told.some(({ body, title }) => `${title}${body}`.includes('Profile held: broken')) ? at.told : null,
    )
    expect(all.filter(({ body, title }) => `${title}${body}`.includes('Profile held')).length).toBe(1)
  })

  it('the overview counts what failed, and leaves out what has been dealt with', async () => {
    const profile = { name: 'once', shell: 'exit 3', completion: 'exit-code' as const, failure_limit: 1 }
    await at.client.profile.add(profile)
    const task = await at.create({ title: 'Try once', assignee: 'once' })
    await tells('Gave up: Try once')
    const overview = await readOverview(at.client)
    expect(overview).toMatchObject({ failed_today: 1, needs_me: 1, running: 0, paused: false })
    expect(overview.failures).toEqual([
      { label: 'Try once', place: { board: 'test', task: task.id, attempt: 1 } },
    ])
    expect(trayState(overview)).toBe('error')
    await at.client.task.complete({ id: task.id, summary: 'By hand' })
    const after = await readOverview(at.client)
    expect([after.failures, trayState(after)]).toEqual([[], 'idle'])
  })
})

it.each([
  [0, '0 s'],
  [41_200, '42 s'],
  [89_000, '89 s'],
  [120_000, '2 min'],
  [7_200_000, '2 h'],
  [200_000_000, '2 d'],
  [400_000_000, '5 d'],
])('%i ms is said as %s', (milliseconds, words) => {
  expect(inWords(milliseconds)).toBe(words)
})
