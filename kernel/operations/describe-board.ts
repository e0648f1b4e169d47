import { join } from 'node:path'
import {
  type Board as BoardAnswer,
  OperationError,
  TASK_STATUSES,
  type TaskStatus,
} from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import type { Reader } from '../db/connection.ts'
import { countArchived } from '../db/inspect.ts'
import type { ArchivedBoard } from '../home/board-folders.ts'
import { type BoardFile, defaultSettings } from '../home/board-file.ts'
import type { Services } from '../services.ts'
import * as tasks from '../tables/tasks.ts'
import { isUnaccepted } from '../board/acceptance.ts'
import { isPaused } from '../board/facts.ts'

export function countsOf(read: Reader): Record<TaskStatus, number> {
  const counts = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>
  for (const row of read.all(tasks.countByStatus, {})) counts[row.status] = row.count
  return counts
}

/** @returns a board as callers see it */
export function describeBoard(services: Services, slug: string): BoardAnswer {
  return describeOpen(services, services.board(slug))
}

export function describeOpen(services: Services, board: Board): BoardAnswer {
  return describeFile(services, board.slug, {
    file: board.settings(),
    paused: isPaused(board.connection.read),
    unaccepted: isUnaccepted(board.connection.read),
    counts: countsOf(board.connection.read),
    problem: null,
  })
}

const NO_TASKS = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>

/**
 * Like `describeBoard`, for lists: a board that cannot be opened is listed with the reason, and does not hide the
 * others.
 */
export function describeAnyway(services: Services, slug: string): BoardAnswer {
  const { file, problem } = settingsOf(services, slug)
  try {
    const { read } = services.board(slug).connection
    return describeFile(services, slug, {
      file,
      paused: isPaused(read),
      unaccepted: isUnaccepted(read),
      counts: countsOf(read),
      problem,
    })
  } catch (error) {
    if (!(error instanceof OperationError)) throw error
    return describeFile(services, slug, {
      file,
      paused: false,
      unaccepted: false,
      counts: NO_TASKS,
      problem: error.message,
    })
  }
}

/** The settings of a board, or the defaults and the problem if they cannot be read. */
function settingsOf(services: Services, slug: string): { file: BoardFile; problem: string | null } {
  try {
    return { file: services.folders.read(slug), problem: null }
  } catch (error) {
    if (!(error instanceof OperationError)) throw error
    return { file: defaultSettings(slug), problem: error.message }
  }
}

function describeFile(
  services: Services,
  slug: string,
  found: {
    file: BoardFile
    paused: boolean
    unaccepted: boolean
    counts: Record<TaskStatus, number>
    problem: string | null
  },
): BoardAnswer {
  const { name, icon, color, project_dir, created_at, ...limits } = found.file
  return {
    slug,
    name,
    icon,
    color,
    project_dir,
    created_at,
    archived: false,
    current: services.folders.current() === slug,
    path: services.folders.folder(slug),
    archived_as: null,
    unaccepted: found.unaccepted,
    settings: { ...limits, paused: found.paused },
    counts: found.counts,
    problem: found.problem,
  }
}

export function describeArchived(services: Services, one: ArchivedBoard): BoardAnswer {
  const { name, icon, color, project_dir, created_at, ...limits } = services.folders.readArchived(one)
  const { counts, problem } = countArchived(join(one.path, 'board.db'))
  return {
    slug: one.slug,
    name,
    icon,
    color,
    project_dir,
    created_at,
    archived: true,
    current: false,
    path: one.path,
    archived_as: one.name,
    unaccepted: false,
    settings: { ...limits, paused: false },
    counts: { ...NO_TASKS, ...counts },
    problem,
  }
}
