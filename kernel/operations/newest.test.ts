import { describe, expect, it } from 'vitest'
import type { Omitted, OperationOutput } from '../../contract/index.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import { type Setup, setup } from '../testing/setup.ts'
import { ANSWER_BYTES } from './newest.ts'

const SIZE = 190_000
const COUNT = 14
const long = (n: number) => `${n} ${'x'.repeat(SIZE)}`

/** A task with far more than fits an answer: 4.5 MB of comments, of events, of summaries. */
async function talkative() {
  const bundle = await setup()
  const { board, call, create, claim } = bundle
  const { id } = await create('Talks a lot')
  for (let n = 1; n <= COUNT; n++) {
    const { worker } = await claim(id)
    await call('task.complete', { id, summary: long(n) }, worker)
    await call('task.reopen', { id })
    await call('comment.add', { id, body: long(n) })
  }
  await board.connection.write('test', (tx) => {
    for (let n = 1; n <= COUNT; n++) writeEvent(tx, 'edited', id, null, { text: long(n) })
  })
  return { ...bundle, id }
}

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value))

describe('X27: a task with a lot of text', () => {
  it('is shown with the newest of each kind, and says what is missing and how to read it', async () => {
    const { id, call } = await talkative()
    const detail = await call('task.show', { id })
    expect(bytes(detail)).toBeLessThan(3 * ANSWER_BYTES + 100_000)
    expect(detail.comments.at(-1)?.body).toBe(long(COUNT))
    expect(detail.runs.at(-1)?.attempt).toBe(COUNT)
    const { comments, events, runs, sentence } = detail.omitted as Omitted
    expect(comments).toBe(COUNT - detail.comments.length)
    expect(runs).toBe(COUNT - detail.runs.length)
    expect(events).toBeGreaterThan(COUNT)
    const flags = `--comments-before ${detail.comments[0]?.id} --events-before ${detail.events[0]?.id} --runs-before ${detail.runs[0]?.attempt}`
    expect(sentence).toBe(
      `Not shown: ${comments} older comments, ${events} older events, ${runs} older runs. “runboard show ${id} ${flags}” continues from there.`,
    )
  })

  it('can be read to its beginning page by page, each entry once', async () => {
    const { id, call, inspector } = await talkative()
    const seen = { comments: [] as number[], events: [] as number[], runs: [] as number[] }
    let before = {}
    for (;;) {
      const page: OperationOutput<'task.show'> = await call('task.show', { id, ...before })
      seen.comments.unshift(...page.comments.map((comment) => comment.id))
      seen.events.unshift(...page.events.map((event) => event.id))
      seen.runs.unshift(...page.runs.map((run) => run.attempt))
      if (page.omitted === undefined) break
      before = {
        comments_before: page.comments[0]?.id ?? 1,
        events_before: page.events[0]?.id ?? 1,
        runs_before: page.runs[0]?.attempt ?? 1,
      }
    }
    const ids = (table: string, column = 'id') =>
      inspector
        .all(`SELECT ${column} AS id FROM ${table} WHERE task_id = '${id}' ORDER BY 1`)
        .map((row) => (row as { id: number }).id)
    expect(seen.comments).toEqual(ids('task_comments'))
    expect(seen.events).toEqual(ids('task_events'))
    expect(seen.runs).toEqual(ids('task_runs', 'attempt'))
  })

  it('is complete, with nothing omitted, when it is small', async () => {
    const { call, create } = await setup()
    const { id } = await create()
    expect(await call('task.show', { id })).not.toHaveProperty('omitted')
    expect(await call('task.runs', { id })).toEqual({ runs: [] })
  })

  it('is shown with one entry of each kind that alone exceeds the limit', async () => {
    const { call, create, board } = await setup()
    const { id } = await create()
    await board.connection.write('test', (tx) =>
      writeEvent(tx, 'edited', id, null, { text: 'x'.repeat(ANSWER_BYTES) }),
    )
    const { events, omitted } = await call('task.show', { id })
    expect(events.map(({ kind }) => kind)).toEqual(['edited'])
    expect(omitted).toMatchObject({ events: 1 })
  })

  it('does not overflow the other lists: runs of a task, of the board, events, a run, the inbox', async () => {
    const bundle = await talkative()
    const { id, call } = bundle
    const runs = await call('task.runs', { id })
    expect(bytes(runs)).toBeLessThan(ANSWER_BYTES + 2000)
    expect(runs.omitted?.sentence).toContain(`“runboard show ${id} --runs-before`)
    expect(await allRuns(bundle)).toHaveLength(COUNT)
    expect(await allEvents(bundle)).toBe((await call('board.view', {})).cursor)

    const { run, worker } = await bundle.claim((await bundle.create('Another')).id)
    await bundle.board.connection.write('test', (tx) => {
      for (let n = 1; n <= COUNT; n++) writeEvent(tx, 'late_write', run.task_id, run.id, { text: long(n) })
    })
    const shown = await call('run.show', { id: run.id })
    expect(bytes(shown)).toBeLessThan(ANSWER_BYTES + 10_000)
    expect(shown.omitted?.events).toBe(COUNT + 1 - shown.events.length)
    await call('task.complete', { id: run.task_id }, worker)

    for (let n = 0; n < COUNT; n++) {
      const one = await bundle.create({ title: `Blocked ${n}`, body: long(n) })
      await call('task.block', { id: one.id, reason: 'why' })
    }
    const { needs_you, counts } = await call('inbox.show', {})
    expect(bytes(needs_you)).toBeLessThan(ANSWER_BYTES)
    expect(needs_you.length).toBeGreaterThan(0)
    expect(counts.needs_you).toBe(COUNT)
  })
})

async function allRuns({ call }: Setup): Promise<number[]> {
  const ids: number[] = []
  for (let cursor: number | null | undefined; cursor !== null;) {
    const page: OperationOutput<'run.list'> = await call('run.list', {
      limit: 1000,
      ...(cursor && { cursor }),
    })
    expect(bytes(page)).toBeLessThan(ANSWER_BYTES + 1000)
    ids.push(...page.runs.map((run) => run.id))
    cursor = page.next
  }
  return [...new Set(ids)]
}

async function allEvents({ call }: Setup): Promise<number> {
  for (let since = 0; ;) {
    const page = await call('event.list', { since, limit: 10_000 })
    expect(bytes(page)).toBeLessThan(ANSWER_BYTES + 1000)
    if (page.events.length === 0) return page.cursor
    since = page.cursor
  }
}
