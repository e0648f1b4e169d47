import Database from 'better-sqlite3'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openKernel } from '../kernel.ts'
import { searchWords } from './search.ts'
import { makeOldBoard } from '../testing/old-board.ts'
import { cleanUp, setup, temporaryFolder } from '../testing/setup.ts'

const listed = (tasks: readonly { title: string }[]) => tasks.map((task) => task.title).sort()

async function board() {
  const bundle = await setup()
  const search = async (text: string) => listed((await bundle.call('task.list', { search: text })).tasks)
  return { ...bundle, search }
}

it('finds words of titles, bodies, comments, summaries and errors by their beginning', async () => {
  const { create, call, claim, search } = await board()
  await create({ title: 'Mend the login form', body: 'Users see a Größenfehler' })
  const commented = await create('Second')
  await call('comment.add', { id: commented.id, body: 'the reviewer prefers hydrangeas' })
  const done = await create('Third')
  const { worker } = await claim(done.id)
  await call('task.complete', { id: done.id, summary: 'wrote a migration for invoices' }, worker)
  const blocked = await create('Fourth')
  await call('task.block', { id: blocked.id, reason: 'Which currency?' })

  expect(await search('login')).toEqual(['Mend the login form'])
  expect(await search('LOG')).toEqual(['Mend the login form'])
  expect(await search('grossen')).toEqual([])
  expect(await search('großenf')).toEqual(['Mend the login form'])
  expect(await search('hydra')).toEqual(['Second'])
  expect(await search('invoice')).toEqual(['Third'])
  expect(await search('currency')).toEqual(['Fourth'])
  expect(await search('nothing-like-it')).toEqual([])
})

it('requires all words, each anywhere on the task', async () => {
  const { create, call, search } = await board()
  const both = await create('Export as CSV')
  await call('comment.add', { id: both.id, body: 'with semicolons' })
  await create('Export as PDF')

  expect(await search('export')).toEqual(['Export as CSV', 'Export as PDF'])
  expect(await search('export semicolons')).toEqual(['Export as CSV'])
  expect(await search('semicolons pdf')).toEqual([])
})

it('finds an id by its beginning, with or without t_', async () => {
  const { create, search } = await board()
  const { id } = await create('Wanted')
  expect(await search(id)).toEqual(['Wanted'])
  expect(await search(id.slice(0, 7))).toEqual(['Wanted'])
  expect(await search(id.slice(2))).toEqual(['Wanted'])
  expect(await search(id.toUpperCase())).toEqual(['Wanted'])
})

it.each([
  '"',
  '""',
  'a"b',
  '*',
  'a*',
  'AND',
  'NOT x',
  'x OR',
  'NEAR(a b)',
  'title:x',
  '^x',
  '(',
  "'",
  '++',
  '-x',
  '%',
  '_',
  '{a}',
  'a\\',
  '🙂',
])('treats typed text as text, never as syntax: %s', async (text) => {
  const { create, search } = await board()
  await create('Plain')
  expect(await search(text)).toEqual([])
  await create(`Says ${text} in its title`)
  const found = await search(text)
  expect(found).toEqual(searchWords(text).length > 0 ? [`Says ${text} in its title`] : [])
})

it('does not filter by a blank search', async () => {
  const { create, search } = await board()
  await create('One')
  expect(await search('   ')).toEqual(['One'])
})

it('updates the index on edits and deletions', async () => {
  const { create, call, claim, search, inspector } = await board()
  const { id } = await create({ title: 'Aardvark', body: 'burrows' })
  await call('task.edit', { id, title: 'Badger', body: null })
  expect(await search('aardvark')).toEqual([])
  expect(await search('burrows')).toEqual([])
  expect(await search('badger')).toEqual(['Badger'])

  const { worker } = await claim(id)
  await call('task.complete', { id, summary: 'dug a sett' }, worker)
  await call('task.edit', { id, summary: 'dug a tunnel' })
  expect(await search('sett')).toEqual([])
  expect(await search('tunnel')).toEqual(['Badger'])
  await call('comment.add', { id, body: 'nocturnal' })

  await call('task.archive', { id })
  await call('task.delete', { id })
  for (const table of ['tasks_fts', 'comments_fts', 'runs_fts']) {
    expect(inspector.all(`SELECT count(*) AS n FROM ${table}('badger OR dug OR nocturnal')`)).toEqual([
      { n: 0 },
    ])
  }
  expect(inspector.all('SELECT count(*) AS n FROM tasks_fts_ids')).toEqual([{ n: 0 }])
})

describe('migration 0003', () => {
  it('indexes the existing content of a board', async () => {
    const home = temporaryFolder()
    const task = { created_by: 'ada', created_at: 1, updated_at: 1, status: 'ready', ready_at: 1 }
    makeOldBoard(home, 'old', 2, {
      tasks: [
        { ...task, id: 't_00000001', title: 'Mend the roof', body: 'before winter' },
        { ...task, id: 't_00000002', title: 'Other' },
      ],
      task_comments: [
        { id: 7, task_id: 't_00000002', author: 'ada', body: 'slates are ordered', created_at: 1 },
      ],
      task_runs: [
        {
          id: 3,
          task_id: 't_00000001',
          attempt: 1,
          trigger: 'cli',
          started_at: 1,
          ended_at: 2,
          outcome: 'crashed',
          error: 'ladder broke',
        },
        {
          id: 4,
          task_id: 't_00000001',
          attempt: 2,
          trigger: 'cli',
          started_at: 1,
          ended_at: 2,
          outcome: 'reclaimed',
        },
      ],
    })
    const kernel = openKernel({ home })
    cleanUp(() => kernel.close())
    const caller = { actor: 'ada', trigger: 'human' as const, board: 'old' }
    const search = async (text: string) =>
      listed((await kernel.call('task.list', { search: text }, caller)).tasks)
    expect(await search('winter')).toEqual(['Mend the roof'])
    expect(await search('slates')).toEqual(['Other'])
    expect(await search('ladder')).toEqual(['Mend the roof'])
    const db = new Database(join(home, 'boards/old/board.db'))
    cleanUp(() => void db.close())
    db.exec(`INSERT INTO comments_fts (comments_fts, rank) VALUES ('integrity-check', 1)`)
  })
})
