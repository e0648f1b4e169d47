import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { type BoardExport, OperationError } from '../../contract/index.ts'
import { Connection } from '../db/connection.ts'
import { migrate } from '../db/migrate.ts'
import { setup, temporaryFolder } from '../testing/setup.ts'
import { checkBoard, settleReadiness } from './check-board.ts'
import { exportDocument } from './export.ts'
import { refuseOverLimits } from './limits.ts'
import { exportOf } from './read-json.ts'
import { fullBoard } from '../testing/full-board.ts'
import { type Json, placesOf, replaced, spoiled } from './test-mutations.ts'
import { writeBoard } from './write-board.ts'

async function sample(): Promise<Json> {
  const bundle = await fullBoard()
  return JSON.parse(JSON.stringify(await bundle.call('exchange.export', {}))) as Json
}

/** @returns the content of an empty board’s file, from which databases in memory are made */
function emptyBoard(): Buffer {
  const db = new Database(':memory:')
  migrate(db, { now: 1, beforeChange: () => undefined })
  return db.serialize()
}

/** All steps of an import except those on files. @returns the board after the import, and the board of the file */
function imported(text: string, empty: Buffer): { board: BoardExport; found: BoardExport } {
  const board = exportOf('/b.json', Buffer.from(text))
  refuseOverLimits(board, '/b.json')
  checkBoard(board, '/b.json')
  settleReadiness(board)
  const db = new Database(Buffer.from(empty))
  db.pragma('foreign_keys = ON')
  const options = { clock: () => 1, busy: 'block', isCurrent: () => true } as const
  const connection = new Connection(db, options, () => undefined)
  try {
    writeBoard(connection, board, null, '/b.json')
    const {
      tasks: _t,
      links: _l,
      runs: _r,
      comments: _c,
      attachments: _a,
      events: _e,
      views: _v,
      ...head
    } = board
    return { board, found: exportDocument(connection.read, head, '/nowhere') }
  } finally {
    connection.close()
  }
}

/** `taken`, `refused`, or what went wrong. */
type Verdict = string

function verdictOf(text: string, empty: Buffer): Verdict {
  try {
    const { board, found } = imported(text, empty)
    return JSON.stringify(found.tasks) === JSON.stringify(board.tasks)
      ? 'taken'
      : 'its tasks are not what was imported'
  } catch (error) {
    if (!(error instanceof OperationError) || error.code === 'INTERNAL') return `failed: ${String(error)}`
    return error.message.length < 3000 ? 'refused' : 'refused in too many words'
  }
}

describe('X27: a mutated export', () => {
  it(
    'is imported or refused with a sentence, for every place and kind of mutation',
    { timeout: 240_000 },
    async () => {
      const document = await sample()
      const empty = emptyBoard()
      const counts = new Map<Verdict, string[]>([
        ['taken', []],
        ['refused', []],
      ])
      for (const path of placesOf(document)) {
        for (const [name, text] of spoiled(document, path)) {
          const verdict = verdictOf(text, empty)
          counts.set(verdict, [...(counts.get(verdict) ?? []), `${path.join('.')} ${name}`])
        }
      }
      const { taken, refused, ...wrong } = Object.fromEntries(counts)
      expect(wrong).toEqual({})
      expect(taken?.length).toBeGreaterThan(100)
      expect(refused?.length).toBeGreaterThan(1000)
    },
  )

  it('works in every view if it is imported', { timeout: 120_000 }, async () => {
    const document = await sample()
    const empty = emptyBoard()
    for (const name of ['null', 'text', 'largest exact', 'negative', 'a name of objects']) {
      let spoiltDocument = document
      for (const path of placesOf(document)) {
        const next = replaced(spoiltDocument, path, name)
        if (verdictOf(JSON.stringify(next), empty) === 'taken') spoiltDocument = next
      }
      await readEverywhere(JSON.stringify(spoiltDocument))
    }
  })
})

async function readEverywhere(text: string): Promise<void> {
  const { kernel, person } = await setup()
  const path = join(temporaryFolder(), 'b.json')
  writeFileSync(path, text)
  await kernel.call('exchange.import_json', { path, slug: 'b' }, person)
  const on = { ...person, board: 'b' }
  const { tasks } = await kernel.call('task.list', { archived: true }, on)
  for (const { id } of tasks) {
    await kernel.call('task.show', { id }, on)
    await kernel.call('task.why', { id }, on)
    await kernel.call('task.context', { id }, on)
  }
  await kernel.call('board.view', {}, on)
  await kernel.call('board.commands', {}, on)
  await kernel.call('inbox.show', {}, on)
  await kernel.call('run.list', {}, on)
  await kernel.call('worker.list', {}, on)
  await kernel.call('diagnostics.list', {}, on)
  await kernel.call('stats.show', {}, on)
  await kernel.call('event.list', {}, on)
  await kernel.call('exchange.export', {}, on)
  expect((await kernel.call('task.create', { title: 'New' }, on)).task.status).toBe('ready')
}
