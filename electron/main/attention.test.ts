import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Client, NotifyLevel } from '../../contract/index.ts'
import { localClient } from '../../doors/ipc/index.ts'
import type { Caller } from '../../kernel/index.ts'
import { cleanUp, type Setup, setup, type SetupOptions, until } from '../../kernel/testing/setup.ts'
import { LiveSettings } from './app-settings.ts'
import { Attention } from './attention.ts'
import type { EventMark } from './event-mark.ts'
import { BoardFollower } from './follower.ts'
import { OverviewFeed } from './overview-feed.ts'
import { readOverview, trayState } from './overview.ts'
import type { Notice } from './sentences.ts'

interface Desk extends Setup {
  told: Notice[]
  /** The events that the follower has delivered, of all boards. */
  seen: { board: string; kind: string }[]
  /** By board, as the shell would remember it for its next start. */
  cursors: Map<string, EventMark>
  reported: unknown[]
  attention: Attention
  follower: BoardFollower
  client: Client
}

/** The settings that notifications depend on. */
const wanted: { level: NotifyLevel; quiet_until: number | null } = { level: 'attention', quiet_until: null }
beforeEach(() => Object.assign(wanted, { level: 'attention', quiet_until: null }))

/** A board whose events are followed, and the notifications about them. */
async function desk(options: SetupOptions = {}): Promise<Desk> {
  return openDesk(await setup(options), options, new Map())
}

/** @param cursors remembered by an app that ran before */
async function openDesk(board: Setup, options: SetupOptions, cursors: Map<string, EventMark>): Promise<Desk> {
  const told: Notice[] = []
  const seen: Desk['seen'] = []
  const reported: unknown[] = []
  const report = (...words: unknown[]) => reported.push(words)
  const client = localClient(board.kernel, board.person)
  const attention = new Attention({
    client,
    tell: (notice) => told.push(notice),
    report,
    levelOf: () => wanted.level,
    quietUntil: () => wanted.quiet_until,
    onTold: (slug, mark) => cursors.set(slug, mark),
    clock: () => now(board, options),
  })
  const follower = new BoardFollower({
    client,
    home: board.home,
    report,
    since: (slug) => cursors.get(slug) ?? null,
    clock: () => now(board, options),
    onEvent: (slug, event) => {
      seen.push({ board: slug, kind: event.kind })
      attention.notice(slug, event)
    },
  })
  cleanUp(() => {
    attention.stop()
    follower.stop()
    expect(reported).toEqual([])
  })
  await follower.start()
  return { ...board, told, seen, cursors, reported, attention, follower, client }
}

function now({ clock }: Setup, options: SetupOptions): number {
  return options.clock === 'real' ? Date.now() : clock.now
}

let at: Desk

/** A client of the board for this worker. */
function as(worker: Caller): Client {
  return localClient(at.kernel, worker)
}

describe('on a board whose workers report what the test says', () => {
  beforeEach(async () => {
    at = await desk()
  })

  async function told(): Promise<Notice> {
    return until(() => at.told[0], 'a notice')
  }

  it('shows a task that asks, with its question, and links to its attempt', async () => {
    const { task, worker } = await at.claim((await at.create('Name the command')).id)
    await as(worker).task.block({ id: task.id, reason: 'export or dump?\nBoth are free.' })
    expect(await told()).toEqual({
      title: 'Needs you: Name the command',
      body: 'export or dump?\nWaits for your answer.',
      place: { board: 'test', task: task.id, attempt: 1 },
      group: 'needs_you',
    })
  })

  it('shows a task that never ran without an attempt', async () => {
    const task = await at.create('Never ran')
    await at.client.task.block({ id: task.id, reason: 'No access', kind: 'capability' })
    expect(await told()).toMatchObject({ body: 'No access\nNeeds your help to continue.' })
  })

  it('shows a review with its summary', async () => {
    const { task, worker } = await at.claim((await at.create('Write it')).id)
    await as(worker).task.request_review({ id: task.id, summary: 'Wrote it' })
    expect(await told()).toMatchObject({
      title: 'Asks for review: Write it',
      body: 'Wrote it\nWaits for your approval.',
    })
  })

  it('skips an event that was handled before its notification', async () => {
    const { task, worker } = await at.claim((await at.create('Quick')).id)
    await as(worker).task.request_review({ id: task.id })
    await at.client.task.approve({ id: task.id })
    const other = await at.claim((await at.create('Other')).id)
    await as(other.worker).task.block({ id: other.task.id, reason: 'Why?' })
    expect((await told()).title).toBe('Needs you: Other')
    expect(at.told).toHaveLength(1)
  })

  it('groups several at once into one, which links to the inbox', async () => {
    for (const title of ['A', 'B', 'C', 'D', 'E']) {
      const { id } = await at.create(title)
      await at.client.task.block({ id, reason: 'Why?' })
    }
    expect(await told()).toEqual({
      title: '5 need you',
      body: 'Needs you: A\nNeeds you: B\nNeeds you: C\nand 2 more',
      place: { board: 'test', view: 'inbox' },
      group: 'needs_you',
    })
    expect(at.told).toHaveLength(1)
  })

  async function block(...titles: string[]): Promise<void> {
    for (const title of titles) {
      const { id } = await at.create(title)
      await at.client.task.block({ id, reason: 'Why?' })
    }
  }

  /** The follower gets the events once the calls are answered. */
  async function sawBlocked(count: number): Promise<void> {
    await until(() => at.seen.filter(({ kind }) => kind === 'blocked').length === count, 'the events')
  }

  async function complete(title: string): Promise<void> {
    const { task, worker } = await at.claim((await at.create(title)).id)
    await as(worker).task.complete({ id: task.id, summary: 'All of it' })
  }

  it('shows completed tasks only at the level “all”', async () => {
    await complete('Not told')
    await block('Told')
    expect(await told()).toMatchObject({ title: 'Needs you: Told' })
    wanted.level = 'all'
    await complete('Told too')
    const notice = await until(() => at.told[1], 'the second notice')
    expect(notice).toMatchObject({ title: 'Done: Told too', body: 'All of it', group: 'finished' })
    expect(at.told).toHaveLength(2)
  })

  it('shows nothing at the level “none”', async () => {
    wanted.level = 'none'
    await block('A')
    await sawBlocked(1)
    wanted.level = 'attention'
    await block('B')
    expect((await told()).title).toBe('Needs you: B')
    expect(at.told).toHaveLength(1)
  })

  it('X21: shows the next one also after the clock was set back by a year', async () => {
    await block('A')
    expect((await told()).title).toBe('Needs you: A')
    at.clock.advance(-365 * 86_400_000)
    await block('B')
    expect(await until(() => at.told[1], 'the second notice')).toMatchObject({ title: 'Needs you: B' })
  })

  it('shows what happened while the app was closed in one notification, once', async () => {
    await block('Before')
    await told()
    await until(() => at.cursors.has('test'), 'the cursor')
    at.attention.stop()
    at.follower.stop()
    await block('A', 'B')
    at.clock.advance(1000)

    const second = await openDesk(at, {}, at.cursors)
    expect(await until(() => second.told[0], 'the notice of the second')).toMatchObject({
      title: 'While Runboard was closed: 2 need you',
      body: 'Needs you: A\nNeeds you: B',
      place: { board: 'test', view: 'inbox' },
    })
    second.attention.stop()
    second.follower.stop()

    const third = await openDesk(at, {}, second.cursors)
    at = { ...third }
    await block('After')
    expect(await told()).toMatchObject({ title: 'Needs you: After' })
  })

  describe('X14: a board whose file becomes an older one, and then gets new events', () => {
    const file = () => join(at.home, 'boards', 'test', 'board.db')

    /** As a person does who copies a backup over the board’s file. */
    function copyBack(backup: string): void {
      copyFileSync(backup, `${file()}.copy`)
      for (const suffix of ['-wal', '-shm']) rmSync(`${file()}${suffix}`, { force: true })
      renameSync(`${file()}.copy`, file())
    }

    async function notifiedAndBackedUp(): Promise<string> {
      const { path } = await at.call('backup.create', {})
      await block('Notified')
      await until(() => at.cursors.has('test'), 'the cursor')
      at.clock.advance(1000)
      return path
    }

    it.each(['less', 'more'])('while the app is closed: %s of them than were notified', async (how) => {
      const path = await notifiedAndBackedUp()
      at.attention.stop()
      at.follower.stop()
      copyBack(path)
      await block(...(how === 'less' ? ['A'] : ['A', 'B', 'C']))
      at.clock.advance(1000)

      const second = await openDesk(at, {}, at.cursors)

      const title = how === 'less' ? 'Needs you: A' : 'While Runboard was closed: 3 need you'
      expect(await until(() => second.told[0], 'the notice of the second')).toMatchObject({ title })
      expect(second.told).toHaveLength(1)
    })

    it('while it is followed', async () => {
      const path = await notifiedAndBackedUp()
      copyBack(path)
      await block('A')
      await until(async () => {
        await at.follower.runOnce()
        return at.told.length > 1
      })
      expect(at.told.map(({ title }) => title)).toEqual(['Needs you: Notified', 'Needs you: A'])
    })

    it('is created again under the name of an archived one', async () => {
      await block('Notified')
      await until(() => at.cursors.has('test'), 'the cursor')
      at.clock.advance(1000)
      await at.client.board.archive({ slug: 'test' })
      await at.client.board.create({ slug: 'test' })
      await block('A')
      await until(async () => {
        await at.follower.runOnce()
        return at.told.length > 1
      })
      expect(at.told.map(({ title }) => title)).toEqual(['Needs you: Notified', 'Needs you: A'])
    })
  })

  it('shows nothing that happened on a board before it came out of the archive', async () => {
    await at.client.board.create({ slug: 'old' })
    const { id } = (await at.client.task.create({ board: 'old', title: 'Long ago' })).task
    await at.client.task.block({ board: 'old', id, reason: 'Why?' })
    await at.client.board.archive({ slug: 'old' })
    at.attention.stop()
    at.follower.stop()
    at.clock.advance(1000)
    at = await openDesk(at, {}, new Map())
    await at.client.board.restore({ name: 'old' })
    await at.follower.runOnce()
    await block('Now')
    expect(await told()).toMatchObject({ title: 'Needs you: Now' })
    expect(at.told).toHaveLength(1)
  })

  it('shows nothing in the quiet hours, and everything in one notification after them', async () => {
    wanted.quiet_until = at.clock.now + 3_600_000
    await block('A', 'B')
    await sawBlocked(2)
    await at.attention.tellNow()
    expect(at.told).toEqual([])
    expect(at.cursors.size, 'a start in the quiet hours forgets nothing').toBe(0)
    wanted.quiet_until = null
    await at.attention.tellNow()
    expect(at.told).toMatchObject([{ title: 'During quiet hours: 2 need you' }])
  })

  it('follows a new board too, from its first event', async () => {
    await at.client.board.create({ slug: 'later' })
    const { id } = (await at.client.task.create({ board: 'later', title: 'There' })).task
    await at.client.task.block({ board: 'later', id, reason: 'Why?' })
    await at.follower.runOnce()
    expect((await told()).place).toMatchObject({ board: 'later', task: id })
  })

  /** Delays the read of the first task until the test releases it. */
  function heldBack(): { client: Client; letGo: () => void } {
    let letGo = (): void => undefined
    let held: Promise<void> | undefined = new Promise((resolve) => (letGo = resolve))
    const task = new Proxy(at.client.task, {
      get: (verbs, verb: keyof Client['task']) =>
        verb === 'show'
          ? async (input: { id: string }) => {
              const wait = held
              held = undefined
              await wait
              return verbs.show({ ...input, board: 'test' })
            }
          : verbs[verb],
    })
    const client = new Proxy(at.client, {
      get: (groups, group: keyof Client) => (group === 'task' ? task : groups[group]),
    })
    return { client, letGo }
  }

  /** A notification is in progress, and another event arrives meanwhile. */
  async function onItsWay() {
    const { client, letGo } = heldBack()
    const told: string[] = []
    const cursors: number[] = []
    const attention = new Attention({
      client,
      tell: ({ title }) => told.push(title),
      report: (...words) => at.reported.push(words),
      levelOf: () => 'attention',
      quietUntil: () => null,
      onTold: (_board, { id }) => cursors.push(id),
      clock: () => at.clock.now,
    })
    cleanUp(() => attention.stop())
    const notice = async (title: string) => {
      await block(title)
      const event = (await at.events()).at(-1)!
      attention.notice('test', event)
      return event.id
    }
    return { attention, cursors, letGo, notice, told }
  }

  it('shows at the next start what was pending when the app quit', async () => {
    const { attention, cursors, letGo, notice, told } = await onItsWay()
    await notice('A')
    const telling = attention.tellNow()
    await Promise.resolve()
    attention.stop()
    letGo()
    await telling
    expect({ told, cursors }).toEqual({ told: [], cursors: [] })
  })

  it('shows events from during a notification after it, and records both in order', async () => {
    const { attention, cursors, letGo, notice, told } = await onItsWay()
    const first = await notice('A')
    const telling = attention.tellNow()
    const second = await notice('B')
    const after = attention.tellNow()
    // Without the order, the second would overtake the first here.
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    letGo()
    await Promise.all([telling, after])
    expect({ told, cursors }).toEqual({ told: ['Needs you: A', 'Needs you: B'], cursors: [first, second] })
  })

  it('follows a board once when two sweeps overlap', async () => {
    await at.client.board.create({ slug: 'later' })
    await Promise.all([at.follower.runOnce(), at.follower.runOnce()])
    const { id } = (await at.client.task.create({ board: 'later', title: 'There' })).task
    await at.client.task.block({ board: 'later', id, reason: 'Why?' })
    await told()
    expect(at.seen.filter(({ board }) => board === 'later').map(({ kind }) => kind)).toEqual([
      'created',
      'blocked',
    ])
  })

  it('ignores failed reads once the app has quit', async () => {
    const gone = () => Promise.reject(new Error('The board is closed.'))
    const client = { board: { list: gone }, settings: { show: gone } } as unknown as Client
    const report = (...words: unknown[]) => at.reported.push(words)
    const follower = new BoardFollower({ client, home: at.home, report, onEvent: () => undefined })
    const overview = new OverviewFeed({ client, report, onRead: () => undefined })
    const settings = new LiveSettings({ client, home: at.home, report, onChange: () => undefined })
    const looking = [follower.start(), overview.start(), settings.start()]
    for (const one of [follower, overview, settings]) one.stop()
    await Promise.all(looking)
    expect(at.reported).toEqual([])
  })

  it('reports an id whose task is gone, and shows the others', async () => {
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

  it('shows a crash with the time of the next attempt', async () => {
    const profile = { name: 'shaky', shell: 'echo no such luck; exit 3', completion: 'exit-code' as const }
    await at.client.profile.add({ ...profile, backoff_seconds: 600 })
    await at.create({ title: 'Try', assignee: 'shaky' })
    const { body } = await tells('Crashed: Try')
    expect(body).toMatch(/\nRetries in (?:[89]|1[0-2]) min\.$/)
    expect(at.told[0]).toMatchObject({ group: 'failed', retry: { board: 'test' } })
  })

  it('shows the last attempt once, and says that it is the last', async () => {
    const profile = { name: 'once', shell: 'exit 3', completion: 'exit-code' as const, failure_limit: 1 }
    await at.client.profile.add(profile)
    const task = await at.create({ title: 'Try once', assignee: 'once' })
    const { body, place } = await tells('Gave up: Try once')
    expect(body).toMatch(/\nWill not retry until you unblock it\.$/)
    expect(place).toEqual({ board: 'test', task: task.id, attempt: 1 })
    expect(at.told).toHaveLength(1)
  })

  it('A7: shows a run that ended without a report as one that needs a person, not as failed', async () => {
    await at.client.profile.add({ name: 'quiet', shell: 'echo tidied' })
    await at.create({ title: 'Tidy', assignee: 'quiet' })
    const { body } = await tells('Ended without a report: Tidy')
    expect(body).toMatch(/accept its result, or send it back\.$/)
    const overview = await readOverview(at.client)
    expect(overview).toMatchObject({ failures: [], failed_open: 0, waiting: [{ label: 'Tidy' }] })
    expect(trayState(overview)).toBe('needs_you')
  })

  it('shows a held profile once, for all its tasks', async () => {
    const profile = { name: 'broken', shell: 'exit 3', completion: 'exit-code' as const, failure_limit: 1 }
    await at.client.profile.add(profile)
    for (const title of ['A', 'B', 'C', 'D', 'E']) await at.create({ title, assignee: 'broken' })
    const all = await until(() =>
      at.told.some(({ body, title }) => `${title}${body}`.includes('Profile held: broken')) ? at.told : null,
    )
    expect(all.filter(({ body, title }) => `${title}${body}`.includes('Profile held')).length).toBe(1)
  })

  it('S6: the overview counts open failures, and omits those that were handled', async () => {
    // With a fixed clock, so that the day does not end meanwhile.
    at = await desk()
    const dispatching = at.kernel.startDispatching()
    cleanUp(() => dispatching.stop())
    const profile = { name: 'once', shell: 'exit 3', completion: 'exit-code' as const, failure_limit: 1 }
    await at.client.profile.add(profile)
    const task = await at.create({ title: 'Try once', assignee: 'once' })
    await tells('Gave up: Try once')
    const overview = await readOverview(at.client)
    expect(overview).toMatchObject({ failed: 1, needs_me: 1, running: 0, paused: false })
    expect(overview.failures).toEqual([
      { label: 'Try once', place: { board: 'test', task: task.id, attempt: 1 }, at: expect.any(Number) },
    ])
    expect(trayState(overview)).toBe('error')
    await at.client.task.complete({ id: task.id, summary: 'By hand' })
    const after = await readOverview(at.client)
    expect([after.failed, after.failures, trayState(after)]).toEqual([0, [], 'idle'])
  })
})
