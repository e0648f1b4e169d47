import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { count } from '../../formats/count.ts'
import { OperationError } from '../../contract/index.ts'
import { roughly } from '../../formats/time.ts'
import type { Board } from '../board/board.ts'
import { checkBackup, listBackups } from '../db/backup-folder.ts'
import { migrations } from '../db/migrate.ts'
import { readLease } from '../board/lease.ts'
import { targetOf } from '../board/stop-process.ts'
import { isMissing } from '../home/files.ts'
import { runJob } from '../jobs/run-job.ts'
import type { Services } from '../services.ts'
import { RULES } from '../tables/invariants.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import { isAlive } from '../workers/process/identity.ts'
import { type Check, examine, fine, type Finding, isOpenToOthers, wrong } from './doctor-finding.ts'

/** The services that the checks of a board read. */
export type BoardCheckServices = Pick<
  Services,
  'board' | 'clock' | 'dispatchers' | 'folders' | 'isBusyElsewhere'
>

/** @returns the findings about a board; if its file cannot be opened, only that and its backups */
export async function examineBoard(services: BoardCheckServices, slug: string): Promise<Check[]> {
  let board: Board
  try {
    board = services.board(slug)
  } catch (error) {
    if (!(error instanceof OperationError)) throw error
    const path = join(services.folders.folder(slug), 'board.db')
    return [
      await examine('settings', slug, () => fine(`Its name is ${services.folders.read(slug).name}.`)),
      { name: 'file', board: slug, ...wrong(error.message) },
      await examine('backups', slug, () => backupsFinding(path, services.clock())),
    ]
  }
  const checks: [string, () => Finding | Promise<Finding>][] = [
    ['settings', () => settingsFinding(board)],
    ['file', () => fine(`${board.path} opens.`)],
    ['schema', () => schemaFinding()],
    ['integrity', () => integrityFinding(services, board)],
    ['invariants', () => invariantsFinding(board)],
    ['lease', () => leaseFinding(services, board)],
    ['runs', () => runsFinding(services, board)],
    ['logs', () => orphansFinding(board, 'logs')],
    ['workspaces', () => orphansFinding(board, 'workspaces')],
    ['permissions', () => permissionsFinding(board)],
    ['backups', () => backupsFinding(board.path, services.clock())],
  ]
  const found: Check[] = []
  for (const [name, body] of checks) found.push(await examine(name, slug, body))
  return found
}

function settingsFinding(board: Board): Finding {
  const path = join(board.folder, 'board.json')
  const { name } = board.settings()
  if (statSync(path, { throwIfNoEntry: false }) === undefined)
    return wrong(
      `${path} is gone: the board has the default settings. “runboard boards set” gives it others.`,
    )
  return fine(`${path} is in order; the board is called ${name}.`)
}

function schemaFinding(): Finding {
  const newest = migrations().at(-1)
  return fine(`Its schema is the newest that this version knows (${newest?.name ?? 'none'}).`)
}

async function integrityFinding(services: Pick<Services, 'isBusyElsewhere'>, board: Board): Promise<Finding> {
  const { damage, broken_references } = await runJob(
    'inspect',
    { path: board.path },
    { inThread: services.isBusyElsewhere },
  )
  if (damage !== null)
    return wrong(`The file is damaged: ${damage}. Restore a backup with “runboard restore-backup FILE”.`)
  if (broken_references > 0)
    return wrong(`${count(broken_references, 'row')} refer to something that is not there.`)
  return fine('Every page of the file was read and is in order.')
}

function invariantsFinding(board: Board): Finding {
  const broken = board.connection.snapshot((read) =>
    RULES.flatMap(({ name, breaches }) => {
      const ids = read.all(breaches, {}).map((row) => row.id)
      return ids.length === 0 ? [] : [`${name} (${ids.join(', ')})`]
    }),
  )
  return broken.length === 0
    ? fine(`All ${RULES.length} rules hold for all tasks and runs.`)
    : wrong(`The board breaks these rules: ${broken.join('; ')}.`)
}

function leaseFinding(services: Pick<Services, 'clock'>, board: Board): Finding {
  const { state, row } = readLease(services, board)
  if (row === null) return fine('No dispatcher is running for the board.')
  if (state === 'alive') return fine(`${row.holder} (pid ${row.pid}) dispatches the board.`)
  const since = roughly(services.clock() - row.renewed_at)
  if (state === 'silent') {
    return wrong(
      `${row.holder} (pid ${row.pid}) dispatches the board, is alive, but has done nothing for ${since}: it hangs. ` +
        'Another dispatcher takes over within seconds.',
    )
  }
  return fine(
    `${row.holder} (pid ${row.pid}) went away ${since} ago; the next dispatcher takes over at once.`,
  )
}

function runsFinding(services: Pick<Services, 'clock' | 'dispatchers'>, board: Board): Finding {
  const now = services.clock()
  const open = board.connection.read.all(taskRuns.open, {})
  const lost = open.filter((run) => {
    const target = targetOf(run)
    return target === null ? (run.claim_expires_at ?? 0) <= now : !isAlive(target)
  })
  if (lost.length === 0) return fine(`${count(open.length, 'run')} open, none of them without a worker.`)
  if (services.dispatchers.has(board.slug) || readLease(services, board).state === 'alive') {
    return fine(`${count(lost.length, 'run')} without a worker; the dispatcher is about to end them.`)
  }
  const ids = lost.map((run) => run.task_id).join(', ')
  return wrong(
    `No worker is left for ${ids}, and no dispatcher is running: “runboard dispatch” closes the runs.`,
  )
}

/** Folders named after tasks that the board does not have. */
function orphansFinding(board: Board, what: 'logs' | 'workspaces'): Finding {
  const folder = join(board.folder, what)
  let names: string[] = []
  try {
    names = readdirSync(folder)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  const isKnown = (id: string) => board.connection.read.get(tasks.byId, { id }) !== undefined
  // A task that was started again has further worktrees, with a number; a run may have one of its own.
  const orphans = names.filter((name) => !isKnown(name) && !isKnown(name.replace(/(-fresh)?-\d+$/, '')))
  if (orphans.length === 0) return fine(`Every folder in ${folder} belongs to a task.`)
  return fine(
    `${count(orphans.length, 'folder')} in ${folder} belong to no task; “runboard gc” moves them to the trash.`,
  )
}

function permissionsFinding(board: Board): Finding {
  const open = [board.folder, board.path, join(board.folder, 'backups')].filter(isOpenToOthers)
  if (open.length === 0) return fine('Its files are open to their user alone.')
  return wrong(
    `Others on this machine can reach ${open.join(', ')}. “chmod -R go= ${board.folder}” shuts them out.`,
  )
}

function backupsFinding(path: string, now: number): Finding {
  const backups = listBackups(path)
  const [newest] = backups
  const copies = damagedCopies(path)
  const kept = copies.length === 0 ? '' : ` Kept copies of a damaged file: ${copies.join(', ')}.`
  if (newest === undefined) {
    const sentence = `There is no backup yet; one is made daily while the app or “serve” dispatches the board.${kept}`
    return copies.length === 0 ? fine(sentence) : wrong(sentence)
  }
  checkBackup(newest.path)
  return fine(
    `${count(backups.length, 'backup')}; the newest, ${newest.path}, is ${roughly(now - newest.made_at)} old and in order.${kept}`,
  )
}

function damagedCopies(path: string): string[] {
  const folder = join(path, '..')
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return []
  return readdirSync(folder).filter((name) => /^board\.db\.(corrupt|replaced)\..+\.bak$/.test(name))
}
