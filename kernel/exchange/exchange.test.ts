import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BoardExport } from '../../contract/index.ts'
import { openKernel } from '../kernel.ts'
import { runJob } from '../jobs/run-job.ts'
import { fullBoard } from '../testing/full-board.ts'
import { cleanUp, type Setup, setup, temporaryFolder } from '../testing/setup.ts'

async function exported({ call }: Setup): Promise<BoardExport> {
  const document = await call('exchange.export', {})
  if (!('format' in document) || !('tasks' in document) || !Array.isArray(document.tasks))
    throw new Error('no document')
  return document as BoardExport
}

const withoutTime = ({ exported_at: _time, ...rest }: BoardExport) => rest

/** Another home, to import into. */
function elsewhere(clock: () => number = () => 1) {
  const home = temporaryFolder()
  const kernel = openKernel({ home, clock, checkOutputs: true })
  cleanUp(() => kernel.close())
  const person = { actor: 'bob', trigger: 'human' as const }
  const boards = () => (existsSync(join(home, 'boards')) ? readdirSync(join(home, 'boards')).sort() : [])
  const documentOf = async (board: string) =>
    (await kernel.call('exchange.export', {}, { ...person, board })) as BoardExport
  return { home, kernel, person, boards, documentOf }
}

describe('export', () => {
  it('holds everything, and two in a row differ only in their time', async () => {
    const bundle = await fullBoard()
    const first = await exported(bundle)
    bundle.clock.advance(777)
    const second = await exported(bundle)
    expect(second.exported_at).toBe(first.exported_at + 777)
    expect(withoutTime(second)).toEqual(withoutTime(first))
    expect(first).toMatchObject({
      format: 'runboard-board',
      version: 1,
      board: { name: 'Full', icon: '🎬', max_running: 3, accept_plans: true, paused: true },
    })
    expect(first.tasks.map((task) => task.title)).toContain('In archived')
    expect(first.comments.map((comment) => [comment.body, comment.run_id === null])).toEqual([
      ['from a run', false],
      ['thanks', true],
    ])
    expect(first.views).toMatchObject([{ name: 'Mine', query: { q: 'x' } }])
    expect(first.inbox_seen).toBeGreaterThan(0)
  })

  it('contains neither claim secrets nor facts about the machine', async () => {
    const bundle = await setup()
    const task = await bundle.create()
    const { claim } = await bundle.claim(task.id)
    const text = JSON.stringify(await exported(bundle))
    expect(text).not.toContain(claim)
    expect(text).not.toContain('claim_lock')
    expect(text).not.toContain('started_key')
    expect(text).not.toContain('"host"')
    expect(text).not.toContain('log_path')
  })

  it.each(['json', 'jsonl'] as const)('to a file as %s equals the one on standard output', async (format) => {
    const bundle = await fullBoard()
    const out = join(temporaryFolder(), 'board')
    const counts = await bundle.call('exchange.export', { format, out })
    expect(counts).toMatchObject({ path: out, format, size_bytes: statSync(out).size, comments: 2 })
    expect(statSync(out).mode & 0o777).toBe(0o600)
    const text = readFileSync(out, 'utf8')
    if (format === 'json')
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(await exported(bundle))))
    else
      expect(await bundle.call('exchange.export', { format })).toEqual({
        lines: text.trimEnd().split('\n'),
      })
  })

  it('works for an empty board, in both forms', async () => {
    const bundle = await setup()
    const folder = temporaryFolder()
    for (const format of ['json', 'jsonl'] as const) {
      const out = join(folder, format)
      await bundle.call('exchange.export', { format, out })
      const other = elsewhere()
      await other.kernel.call('exchange.import_json', { path: out }, other.person)
      expect(withoutTime(await other.documentOf('test'))).toEqual(withoutTime(await exported(bundle)))
    }
  })

  it('replaces a file as a whole, and is refused if it cannot', async () => {
    const bundle = await setup()
    const folder = temporaryFolder()
    const out = join(folder, 'board.json')
    writeFileSync(out, 'old')
    await bundle.call('exchange.export', { out })
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ format: 'runboard-board' })
    expect(readdirSync(folder)).toEqual(['board.json'])
    await bundle.refused('CONFLICT', 'exchange.export', { out: folder })
    await bundle.refused('CONFLICT', 'exchange.export', { out: join(folder, 'none/x.json') })
    await bundle.refused('CONFLICT', 'exchange.export', { out: join(bundle.home, 'boards/test/board.db') })
    symlinkSync(bundle.home, join(folder, 'link'))
    await bundle.refused('CONFLICT', 'exchange.export', { out: join(folder, 'link/x.json') })
    await bundle.refused('INVALID_INPUT', 'exchange.export', { out: 'x.json' })
  })

  it('can run in a thread', async () => {
    const bundle = await fullBoard()
    const { board, clock } = bundle
    const input = {
      path: board.path,
      settings: board.settings(),
      format: 'json',
      out: null,
      now: clock.now,
    } as const
    expect(await runJob('export', input, { inThread: true })).toEqual(await exported(bundle))
  })
})

describe('import json', () => {
  it.each(['json', 'jsonl'] as const)('creates a board that exports the same, from %s', async (format) => {
    const bundle = await fullBoard()
    const before = await exported(bundle)
    const out = join(temporaryFolder(), 'board')
    await bundle.call('exchange.export', { format, out })
    const other = elsewhere(() => 99)
    const answer = await other.kernel.call('exchange.import_json', { path: out }, other.person)
    expect(answer).toMatchObject({ board: 'full', tasks: before.tasks.length, warnings: [] })
    expect(withoutTime(await other.documentOf('full'))).toEqual(withoutTime(before))
    expect(other.boards()).toEqual(['full'])
    expect((await other.kernel.call('board.list', {}, other.person)).boards).toMatchObject([
      { slug: 'full', name: 'Full', current: true, settings: { paused: true, max_running: 3 } },
    ])
    const found = await other.kernel.call('task.list', { search: 'ünïc' }, { ...other.person, board: 'full' })
    expect(found.tasks).toHaveLength(1)
    const doctor = await other.kernel.call('doctor.run', {}, other.person)
    expect(doctor.checks.filter((check) => !check.ok).map((check) => check.name)).toEqual([])
  })

  it('uses the given name, and continues the event numbers', async () => {
    const bundle = await fullBoard()
    const before = await exported(bundle)
    const path = join(temporaryFolder(), 'b.json')
    await bundle.call('exchange.export', { out: path })
    await bundle.call('exchange.import_json', { path, slug: 'copy' })
    const copy = bundle.on('copy')
    expect(withoutTime(await exported(copy))).toEqual(withoutTime(before))
    const { id } = await copy.create('New')
    const [event] = await copy.events(id)
    expect(event?.id).toBe(before.cursor + 1)
  })

  it('B11: names the board it created, and switches to it only if no board was current', async () => {
    const bundle = await fullBoard()
    const path = join(temporaryFolder(), 'b.json')
    await bundle.call('exchange.export', { out: path })
    const { kernel, person } = elsewhere(() => 99)
    const current = async () =>
      (await kernel.call('board.list', {}, person)).boards
        .filter((board) => board.current)
        .map(({ slug }) => slug)

    const first = await kernel.call('exchange.import_json', { path, slug: 'first' }, person)
    expect(first).toMatchObject({ board: 'first', became_current: true, current_board: 'first' })
    expect(await current()).toEqual(['first'])
    const second = await kernel.call('exchange.import_json', { path, slug: 'second' }, person)
    expect(second).toMatchObject({ board: 'second', became_current: false, current_board: 'first' })
    expect(await current()).toEqual(['first'])
  })

  it('fills an existing board that is empty, but no other', async () => {
    const bundle = await fullBoard()
    const path = join(temporaryFolder(), 'b.json')
    await bundle.call('exchange.export', { out: path })
    const error = await bundle.refused('CONFLICT', 'exchange.import_json', { path, slug: 'test' })
    expect(error.message).toContain('--as')
    await bundle.call('board.create', { slug: 'empty' })
    const empty = bundle.on('empty')
    expect((await empty.call('board.view', {})).cursor).toBe(0)
    await bundle.call('exchange.import_json', { path, slug: 'empty' })
    expect(withoutTime(await exported(empty))).toEqual(withoutTime(await exported(bundle)))
  })

  it('gives an open run the expiry of its claim, and no process that this machine could signal', async () => {
    const bundle = await setup()
    const { id } = await bundle.create()
    await bundle.claim(id)
    const path = join(temporaryFolder(), 'b.json')
    await bundle.call('exchange.export', { out: path })
    await bundle.call('exchange.import_json', { path, slug: 'copy' })
    const copy = bundle.on('copy')
    expect(
      copy.inspector.all('SELECT host, worker_started_key, length(claim_lock) AS length FROM task_runs'),
    ).toEqual([{ host: null, worker_started_key: null, length: 32 }])
    expect((await copy.runs(id))[0]?.claim_expires_at).toBe((await bundle.runs(id))[0]?.claim_expires_at)
    await copy.call('task.complete', { id, summary: 'by hand' })
    expect((await copy.runs(id))[0]?.outcome).toBe('completed')
  })

  type Change = (document: BoardExport) => unknown
  const broken: [string, Change | string, string][] = [
    ['text that is not JSON', '{"format": ', 'not JSON'],
    ['a list', '[]', 'not a JSON object'],
    ['another program’s JSON', '{"name": "x"}', 'not an exported board'],
    ['a table', 'id,title\n1,x\n', 'not JSON'],
    ['a broken line', '{"type":"board","format":"runboard-board"}\n{"type"', 'line 2'],
    ['an unknown kind of line', '{"type":"board","format":"runboard-board"}\n{"type":"card"}', 'line 2'],
    ['an unknown status', (d) => (d.tasks[0]!.status = 'paused' as never), 'tasks.0.status'],
    ['an id that leads out of its folder', (d) => (d.tasks[0]!.id = '../../x'), 'tasks.0.id'],
    ['a field of another type', (d) => (d.tasks[0]!.priority = 'high' as never), 'tasks.0.priority'],
    ['an unknown field', (d) => Object.assign(d.tasks[0]!, { colour: 'red' }), 'tasks.0'],
    ['a blank title', (d) => (d.tasks[0]!.title = ' '), 'tasks.0.title'],
    ['a missing field', (d) => Reflect.deleteProperty(d.tasks[0]!, 'title'), 'tasks.0.title'],
    ['two tasks of one id', (d) => d.tasks.push(d.tasks[0]!), 'two tasks'],
    ['a link to nothing', (d) => d.links.push({ parent_id: 't_0', child_id: d.tasks[0]!.id }), 't_0'],
    [
      'links in a circle',
      (d) =>
        d.links.push(...[0, 1].map((n) => ({ parent_id: d.tasks[n]!.id, child_id: d.tasks[1 - n]!.id }))),
      'cycle',
    ],
    ['a run of nothing', (d) => (d.runs[0]!.task_id = 't_0'), 't_0'],
    ['a gap in attempts', (d) => (d.runs[0]!.attempt = 7), 'without gaps'],
    [
      'an open run that no task is at',
      (d) =>
        Object.assign(
          d.runs.find((run) => run.ended_at !== null)!,
          { ended_at: null, outcome: null },
        ),
      'open',
    ],
    [
      'a running task without a run',
      (d) => (d.tasks.find((task) => task.status === 'running')!.current_run_id = null),
      'current run',
    ],
    [
      'an end before the start',
      (d) => (d.runs.find((run) => run.ended_at !== null)!.ended_at = 1),
      'not a valid board',
    ],
    ['a comment of another task’s run', (d) => (d.comments[0]!.task_id = d.tasks[0]!.id), 'comment'],
    [
      'an open item of a done card',
      (d) => (d.items.find(({ state }) => state === 'succeeded')!.state = 'open'),
      'is open, which does not match its card',
    ],
    ['a message of another task’s run', (d) => (d.messages[0]!.task_id = d.tasks[0]!.id), 'message'],
    ['a question of a run that does not exist', (d) => (d.questions[0]!.run_id = 10_000), 'run 10000'],
    [
      'an open question of a run that is over',
      (d) => Object.assign(d.questions[1]!, { withdrawn_at: null, withdrawn_why: null }),
      'is open, but its run is over',
    ],
    ['a question without its answer', (d) => (d.questions[0]!.answer = null), 'neither open, answered nor'],
    ['an item of nothing', (d) => (d.items[0]!.visit_id = 10_000), 'belongs to no map step'],
    ['an item with a card of nothing', (d) => (d.items[0]!.task_id = 't_0'), 't_0'],
    [
      'a card that does not wait for its item',
      (d) => (d.links = d.links.filter((link) => !d.items.some((item) => item.task_id === link.parent_id))),
      'does not wait for the item',
    ],
    [
      'a workflow of items that is not there',
      (d) =>
        (Object.values(d.walks.find(({ parts }) => 'asked' in parts)!.parts)[0]!.digest = 'a'.repeat(64)),
      'a version of “asked” that does not exist',
    ],
  ]
  it.each(broken)('%s is refused, and leaves nothing behind', async (_what, change, said) => {
    const bundle = await fullBoard()
    const path = join(temporaryFolder(), 'b.json')
    if (typeof change === 'string') writeFileSync(path, change)
    else {
      const document = await exported(bundle)
      change(document)
      writeFileSync(path, JSON.stringify(document))
    }
    const error = await bundle.refused('INVALID_INPUT', 'exchange.import_json', { path, slug: 'copy' })
    expect(error.message).toContain(said)
    expect(error.message).toContain(path)
    expect(readdirSync(join(bundle.home, 'boards'))).toEqual(['test'])
  })

  it('refuses the file of a newer version with a sentence that says so', async () => {
    const bundle = await setup()
    const path = join(temporaryFolder(), 'b.json')
    writeFileSync(path, JSON.stringify({ ...(await exported(bundle)), version: 2 }))
    const error = await bundle.refused('BOARD_TOO_NEW', 'exchange.import_json', { path })
    expect(error.message).toContain('newer Runboard')
  })

  it('accepts missing fields that an older version did not know', async () => {
    const bundle = await fullBoard()
    const document = await exported(bundle)
    for (const task of document.tasks)
      for (const name of ['plan_of', 'workspace_of', 'proposed_fields']) Reflect.deleteProperty(task, name)
    Reflect.deleteProperty(document.board, 'accept_plans')
    const path = join(temporaryFolder(), 'b.json')
    writeFileSync(path, JSON.stringify(document))
    await bundle.call('exchange.import_json', { path, slug: 'copy' })
    expect((await exported(bundle.on('copy'))).tasks).toEqual((await exported(bundle)).tasks)
  })

  it('moves a task that its parents do not allow where it is, and reports it', async () => {
    const bundle = await setup()
    const parent = await bundle.create('Parent')
    const child = await bundle.create({ title: 'Child', parents: [parent.id] })
    const document = await exported(bundle)
    const task = document.tasks.find((one) => one.id === child.id)!
    task.status = 'ready'
    task.ready_at = 5
    const path = join(temporaryFolder(), 'b.json')
    writeFileSync(path, JSON.stringify(document))
    const answer = await bundle.call('exchange.import_json', { path, slug: 'copy' })
    expect(answer.warnings).toEqual([`Task ${child.id} was ready and is now todo, because of its parents.`])
    expect((await bundle.on('copy').task(child.id)).status).toBe('todo')
  })

  it('refuses missing files, folders, and boards of this home', async () => {
    const bundle = await setup()
    await bundle.refused('NOT_FOUND', 'exchange.import_json', { path: '/nowhere/b.json' })
    await bundle.refused('CONFLICT', 'exchange.import_json', { path: bundle.home })
    await bundle.refused('CONFLICT', 'exchange.import_json', { path: bundle.board.path })
    await bundle.refused('INVALID_INPUT', 'exchange.import_json', { path: 'b.json' })
    expect(readdirSync(join(bundle.home, 'boards'))).toEqual(['test'])
  })

  it('does not touch a folder that is in the way', async () => {
    const bundle = await setup()
    const path = join(temporaryFolder(), 'b.json')
    await bundle.call('exchange.export', { out: path })
    const inTheWay = join(bundle.home, 'boards/copy')
    mkdirSync(inTheWay)
    writeFileSync(join(inTheWay, 'notes.txt'), 'mine')
    await bundle.refused('CONFLICT', 'exchange.import_json', { path, slug: 'copy' })
    expect(readdirSync(inTheWay)).toEqual(['notes.txt'])
  })
})
