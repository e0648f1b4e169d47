import { closeSync, existsSync, fsyncSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  type BoardExport,
  EXPORT_FORMAT,
  EXPORT_VERSION,
  type ExportedKind,
  type ExportHead,
  OperationError,
} from '../../contract/index.ts'
import type { Reader } from '../db/connection.ts'
import type { BoardFile } from '../home/board-file.ts'
import { removeFile } from '../home/files.ts'
import { presentComment, presentEvent } from '../board/present.ts'
import * as boardState from '../tables/board-state.ts'
import * as savedViews from '../tables/saved-views.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as whole from '../tables/whole-board.ts'
import { exportAttachment, exportMessage, exportQuestion, exportRun, exportTask } from './present-whole.ts'
import { exportItem, exportTemplate, exportVisit, exportWalk } from './present-workflows.ts'

/** The kinds of row, in the order of the file, with the field that holds them in the `json` form. */
export const ROW_FIELDS = {
  task: 'tasks',
  link: 'links',
  run: 'runs',
  comment: 'comments',
  attachment: 'attachments',
  event: 'events',
  view: 'views',
  workflow: 'workflows',
  walk: 'walks',
  visit: 'visits',
  item: 'items',
  question: 'questions',
  message: 'messages',
} as const satisfies Record<ExportedKind, keyof BoardExport>

export type ExportCounts = Record<'tasks' | 'links' | 'runs' | 'comments' | 'events', number>

/** The part of the file before the rows. */
export function exportHead(read: Reader, settings: BoardFile, exported_at: number): ExportHead {
  const { name, icon, color, project_dir, created_at, max_running, failure_limit } = settings
  const { stale_after_seconds, max_waiting, default_workspace, accept_plans } = settings
  const { merge_method, wait_for_merge } = settings
  return {
    format: EXPORT_FORMAT,
    version: EXPORT_VERSION,
    exported_at,
    board: {
      name,
      icon,
      color,
      project_dir,
      created_at,
      max_running,
      failure_limit,
      stale_after_seconds,
      max_waiting,
      default_workspace,
      accept_plans,
      merge_method,
      wait_for_merge,
      paused: read.get(boardState.get, { key: 'paused' })?.value === 'true',
    },
    cursor: read.get(taskEvents.cursor, {})?.id ?? 0,
    inbox_seen: Number(read.get(boardState.get, { key: 'inbox_seen' })?.value ?? 0),
  }
}

function* mapped<R, T>(rows: Iterable<R>, present: (row: R) => T): Generator<T> {
  for (const row of rows) yield present(row)
}

/**
 * The rows of one kind, one at a time.
 *
 * @param folder of the board, where the files of attachments are
 */
export function exportRows(read: Reader, kind: ExportedKind, folder: string): Iterable<unknown> {
  switch (kind) {
    case 'task':
      return mapped(read.iterate(whole.tasks, {}), exportTask)
    case 'link':
      return read.iterate(whole.links, {})
    case 'run':
      return mapped(read.iterate(whole.runs, {}), exportRun)
    case 'comment':
      return mapped(read.iterate(whole.comments, {}), presentComment)
    case 'attachment':
      return mapped(read.iterate(whole.attachments, {}), (row) => exportAttachment(row, folder))
    case 'event':
      return mapped(read.iterate(whole.events, {}), presentEvent)
    case 'view':
      return mapped(read.all(savedViews.all, {}), (row) => ({
        ...row,
        query: JSON.parse(row.query) as Record<string, string>,
      }))
    case 'workflow':
      return mapped(read.iterate(whole.templates, {}), exportTemplate)
    case 'walk':
      return mapped(read.iterate(whole.walks, {}), exportWalk)
    case 'visit':
      return mapped(read.iterate(whole.visits, {}), exportVisit)
    case 'item':
      return mapped(read.iterate(whole.items, {}), exportItem)
    case 'question':
      return mapped(read.iterate(whole.questions, {}), exportQuestion)
    case 'message':
      return mapped(read.iterate(whole.messages, {}), exportMessage)
  }
}

const kinds = Object.keys(ROW_FIELDS) as ExportedKind[]

/** @returns the board as one document */
export function exportDocument(read: Reader, head: ExportHead, folder: string): BoardExport {
  const rows = Object.fromEntries(
    kinds.map((kind) => [ROW_FIELDS[kind], [...exportRows(read, kind, folder)]]),
  )
  return { ...head, ...rows } as BoardExport
}

/** The `jsonl` form: the head on the first line, then one row per line. */
export function* exportLines(read: Reader, head: ExportHead, folder: string): Generator<string> {
  yield JSON.stringify({ type: 'board', ...head })
  for (const kind of kinds) {
    for (const row of exportRows(read, kind, folder)) yield JSON.stringify({ type: kind, ...(row as object) })
  }
}

/** The `json` form in pieces, one row per line, so that no board is too large for one string. */
function* exportPieces(read: Reader, head: ExportHead, folder: string): Generator<string> {
  yield `${JSON.stringify(head).slice(0, -1)}`
  for (const kind of kinds) {
    let before = `,\n"${ROW_FIELDS[kind]}": [`
    for (const row of exportRows(read, kind, folder)) {
      yield `${before}\n${JSON.stringify(row)}`
      before = ','
    }
    yield before === ',' ? '\n]' : `${before}]`
  }
  yield '}\n'
}

const FLUSH_BYTES = 1024 * 1024

function writeText(fd: number, text: string): void {
  for (let bytes = Buffer.from(text); bytes.length > 0;) bytes = bytes.subarray(writeSync(fd, bytes))
}

function writeAll(fd: number, pieces: Iterable<string>): void {
  let waiting = ''
  for (const piece of pieces) {
    waiting += piece
    if (waiting.length < FLUSH_BYTES) continue
    writeText(fd, waiting)
    waiting = ''
  }
  writeText(fd, waiting)
}

/**
 * Writes a board to a file. An existing file is replaced once the new one is complete; a pipe or device is written
 * to.
 *
 * @param folder of the board
 * @param out absolute, outside the home
 * @throws OperationError CONFLICT; the old file is then unchanged
 */
export function exportToFile(
  read: Reader,
  head: ExportHead,
  folder: string,
  format: 'json' | 'jsonl',
  out: string,
): void {
  const pieces =
    format === 'json'
      ? exportPieces(read, head, folder)
      : mapped(exportLines(read, head, folder), (line) => `${line}\n`)
  const present = statSync(out, { throwIfNoEntry: false })
  const isSpecial = present !== undefined && !present.isFile()
  const target = isSpecial ? out : join(dirname(out), `.${basename(out)}.${process.pid}.tmp`)
  try {
    if (!existsSync(dirname(out))) throw new Error(`there is no folder ${dirname(out)}`)
    const fd = openSync(target, isSpecial ? 'w' : 'wx', 0o600)
    try {
      writeAll(fd, pieces)
      if (!isSpecial) fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    if (!isSpecial) renameSync(target, out)
  } catch (error) {
    if (!isSpecial) removeFile(target)
    const why = error instanceof Error ? error.message : String(error)
    throw new OperationError(
      'CONFLICT',
      `The board was not exported to ${out}: ${why}.`,
      { path: out },
      { cause: error },
    )
  }
}
