import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type BoardEvent, EVENT_KINDS, type EventKind, isRunScoped } from '../../contract/index.ts'
import { failOpenRun, openRun, taskIn, PLAIN_POLICY } from '../testing/factories.ts'
import { type Setup, setup } from '../testing/setup.ts'
import { blockUnreported } from './fail.ts'
import { endRateLimited } from './rate-limit.ts'

/** Kinds that need a real process or another folder of the code; they are tested there. */
const ELSEWHERE: readonly EventKind[] = [
  'spawned',
  'cards_rejected',
  // join-items.test.ts
  'files_put_back',
  'session_resumed',
  'session_refused',
  'stop_requested',
  'imported',
  'merged',
  'merge_reverted',
  'cleaned_up',
  'discarded',
  'board_restored',
  'profile_changed',
  // advance.test.ts
  'workflow_started',
  'step_entered',
  'step_left',
  'step_skipped',
  'went_back',
  // items.test.ts
  'items_created',
  'item_let_go',
  // join.test.ts
  'item_joined',
  'item_sent_back',
  'rounds_used_up',
  'no_progress',
  'workflow_ended',
]

async function everything(bundle: Setup): Promise<void> {
  const { call, claim, create, write } = bundle
  const parent = await create('Parent')
  const child = await create({ parents: [parent.id] })
  await call('task.complete', { id: parent.id })
  await call('task.reopen', { id: parent.id })
  await call('link.remove', { parent_id: parent.id, child_id: child.id })
  await call('task.edit', { id: child.id, title: 'New', priority: 3 })
  const beside = await create({ priority: 3 })
  await call('task.rank', { id: child.id, before: beside.id })
  await call('task.assign', { id: child.id, assignee: 'coder' })
  await call('comment.add', { id: child.id, body: 'Hello' })
  const { attachments } = await call('attachment.add', {
    id: child.id,
    attachments: [{ name: 'a.txt', content: 'eA==' }],
  })
  await call('attachment.remove', { attachment_id: attachments[0]?.id ?? 0 })
  await call('task.hold', { id: child.id })
  await call('task.release', { id: child.id })
  await call('task.schedule', { id: child.id, not_before_at: 1 })
  await call('task.retry', { id: child.id })
  const { worker } = await claim(child.id)
  await call('task.heartbeat', { id: child.id }, worker)
  const ask = { id: child.id, title: 'Which?', timeout_seconds: 0 }
  const { question } = await call('question.ask', ask, worker)
  await call('question.answer', { question: String(question.id), text: 'That one' })
  await call('question.ask', ask, worker)
  const { message } = await call('message.tell', { id: child.id, body: 'Mind the gap' })
  await call('message.deliver', { id: child.id, message_id: message.id, how: 'during the turn' }, worker)
  await call('task.request_review', { id: child.id }, worker)
  await call('task.heartbeat', { id: child.id }, worker).catch(() => undefined)
  await call('task.request_changes', { id: child.id, note: 'Again' })
  const again = await claim(child.id)
  await call('task.request_review', { id: child.id }, again.worker)
  await call('task.approve', { id: child.id })
  await call('task.archive', { id: child.id })
  await call('task.restore', { id: child.id })
  await call('task.block', { id: parent.id, reason: 'Why?' })
  await call('task.move', { id: parent.id, status: 'ready' })
  for (const outcome of ['crashed', 'timed_out', 'stale', 'verify_failed'] as const) {
    const { id } = await create()
    await claim(id)
    failOpenRun(bundle, id, { outcome })
  }
  const hopeless = await create({ max_retries: 2, assignee: 'coder' })
  for (let n = 0; n < 2; n++) {
    await claim(hopeless.id)
    failOpenRun(bundle, hopeless.id, { outcome: 'spawn_failed' })
  }
  const silent = await taskIn(bundle, 'running')
  write((tx) => {
    const { task, run } = openRun(tx, silent.id)
    return blockUnreported(tx, task, run, { error: 'Silent', last_output: null, exit: null })
  })
  const limited = await create({ assignee: 'coder' })
  await claim(limited.id)
  write((tx) => {
    const { task, run } = openRun(tx, limited.id)
    return endRateLimited(tx, task, run, { resets_at: null, error: '429', exit: null }, PLAIN_POLICY)
  })
  await call('profile.release', { name: 'coder' })
  for (const verb of ['stop', 'reclaim'] as const) {
    await call(`task.${verb}`, { id: (await taskIn(bundle, 'running')).id })
  }
  await call('dispatcher.pause', {})
  await call('dispatcher.resume', {})
  const gone = await taskIn(bundle, 'archived')
  await call('task.delete', { id: gone.id })
}

it('writes every kind of event on the action it is named after', async () => {
  const bundle = await setup()

  await everything(bundle)

  const seen = new Set((await bundle.events()).map((event) => event.kind))
  expect(EVENT_KINDS.filter((kind) => !seen.has(kind) && !ELSEWHERE.includes(kind))).toEqual([])
})

it('writes the run on the kinds that belong to a run, and on no other', async () => {
  const bundle = await setup()

  await everything(bundle)

  const wrong = (event: BoardEvent) => isRunScoped(event.kind) !== (event.run_id !== null)
  // A completion or block without a handoff has no run.
  const withoutHandoff = (event: BoardEvent) => event.kind === 'completed' && event.run_id === null
  expect((await bundle.events()).filter((event) => wrong(event) && !withoutHandoff(event))).toEqual([])
})

it('writes only the fields that docs/events.md names', async () => {
  const bundle = await setup()
  const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `(\w+)` \|[^|]*\|(.*)\|$/gm)]
  const named = new Map(
    rows.map(([, kind, cell]): [string, string[]] => [kind ?? '', cell?.match(/(?<=`)\w+(?=`)/g) ?? []]),
  )

  await everything(bundle)

  const unnamed = (await bundle.events()).flatMap(({ kind, payload }) =>
    // What a late worker said is in the words of its verb.
    kind === 'late_write'
      ? []
      : Object.keys(payload ?? {})
          .filter((field) => !named.get(kind)?.includes(field))
          .map((field) => `${kind}: ${field}`),
  )
  expect([...new Set(unnamed)]).toEqual([])
})

it('names the actor of each change', async () => {
  const { call, claim, create, events, person } = await setup()
  const { id } = await create({ assignee: 'coder' })
  const { worker } = await claim(id)
  await call('task.block', { id, reason: 'Which one?' }, worker)
  await call('task.unblock', { id, answer: 'left' }, { ...person, actor: 'grace' })

  expect((await events(id)).map(({ kind, actor }) => [kind, actor])).toEqual([
    ['created', 'ada'],
    ['claimed', 'ada'],
    ['blocked', 'coder'],
    ['unblocked', 'grace'],
  ])
})

it('keeps the events of a task in time order when the clock is set back', async () => {
  const { call, claim, clock, create, events, runs } = await setup()
  const { id } = await create()
  const first = await claim(id)
  clock.advance(-3_600_000)
  await call('task.heartbeat', { id }, first.worker)
  await call('task.complete', { id, summary: 'Done' }, first.worker)
  await call('task.reopen', { id })
  const second = await claim(id)
  await call('task.complete', { id, summary: 'Again' }, second.worker)

  const times = (await events(id)).map((event) => event.created_at)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect((await runs(id)).every((run) => run.elapsed_ms === 0)).toBe(true)
})

it('gives each event once, in order, however the cursor is read', async () => {
  const bundle = await setup()
  await everything(bundle)
  const { events: all, cursor } = await bundle.call('event.list', { limit: 10_000 })

  const paged: BoardEvent[] = []
  for (let since = 0; ;) {
    const page = await bundle.call('event.list', { since, limit: 7 })
    if (page.events.length === 0) break
    paged.push(...page.events)
    since = page.cursor
  }

  expect(paged).toEqual(all)
  expect(all.map((event) => event.id)).toEqual(
    [...new Set(all.map((event) => event.id))].sort((a, b) => a - b),
  )
  expect((await bundle.call('board.view', {})).cursor).toBe(cursor)
})
