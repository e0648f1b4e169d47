import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  BLOCK_KINDS,
  QUESTION_KINDS,
  RUN_OUTCOMES,
  RUN_TRIGGERS,
  STOP_OUTCOMES,
  TASK_STATUSES,
  WITHDRAWN_WHYS,
  WORKSPACE_KINDS,
} from '../../contract/index.ts'
import { declaredStatements } from '../db/statement.ts'
import { setup } from '../testing/setup.ts'
import * as cards from './cards.ts'
import * as profileState from './profile-state.ts'
import * as questions from './questions.ts'
import * as taskComments from './task-comments.ts'
import * as taskEvents from './task-events.ts'
import * as taskLinks from './task-links.ts'
import * as runHistory from './run-history.ts'
import * as taskRuns from './task-runs.ts'
import * as tasks from './tasks.ts'
import * as workflowItems from './workflow-items.ts'

beforeAll(async () => {
  const files = readdirSync(import.meta.dirname).filter(
    (file) => file.endsWith('.ts') && !file.includes('.test.'),
  )
  for (const file of files) await import(`./${file}`)
})

async function freshBoard(): Promise<Database.Database> {
  const { board } = await setup()
  return new Database(join(board.folder, 'board.db'))
}

const parametersOf = (sql: string) =>
  Object.fromEntries([...sql.matchAll(/:([a-z_]+)/g)].map(([, name]) => [name, null]))

it('every declared statement prepares on a fresh board', async () => {
  const db = await freshBoard()
  const broken = declaredStatements().flatMap(({ sql }) => {
    try {
      db.prepare(sql)
      return []
    } catch (error) {
      return [`${(error as Error).message}: ${sql}`]
    }
  })
  db.close()

  expect(declaredStatements().length).toBeGreaterThan(70)
  expect(broken).toEqual([])
})

/** The statements that run on every call, pass or event, each with the indexes it must use. */
const HOT: Record<string, [{ readonly sql: string }, ...string[]]> = {
  'tasks.byId': [tasks.byId, 'sqlite_autoindex_tasks_1'],
  'tasks.startingWith': [tasks.startingWith, 'sqlite_autoindex_tasks_1'],
  'tasks.byIdempotencyKey': [tasks.byIdempotencyKey, 'tasks_idempotency_key'],
  'tasks.transition': [tasks.transition, 'sqlite_autoindex_tasks'],
  'tasks.claim': [tasks.claim, 'sqlite_autoindex_tasks_1'],
  'tasks.claimableOf': [tasks.claimableOf, 'tasks_claimable'],
  'tasks.readyOfProfile': [tasks.readyOfProfile, 'tasks_claimable'],
  'tasks.readyAssignees': [tasks.readyAssignees, 'tasks_claimable'],
  'tasks.nextDueAt': [tasks.nextDueAt, 'tasks_due', 'tasks_not_before'],
  'tasks.waitingForRetry': [tasks.waitingForRetry, 'tasks_due'],
  'taskLinks.promotableChildrenOf': [taskLinks.promotableChildrenOf, 'PRIMARY KEY', 'task_links_child'],
  'taskLinks.readyChildrenOf': [taskLinks.readyChildrenOf, 'PRIMARY KEY'],
  'taskLinks.openParentsOf': [taskLinks.openParentsOf, 'task_links_child'],
  'taskLinks.parentsOf': [taskLinks.parentsOf, 'task_links_child'],
  'taskLinks.childrenOf': [taskLinks.childrenOf, 'PRIMARY KEY'],
  'taskLinks.neighboursOf': [taskLinks.neighboursOf, 'PRIMARY KEY', 'task_links_child'],
  'taskLinks.reaches': [taskLinks.reaches, 'PRIMARY KEY'],
  'taskRuns.byId': [taskRuns.byId, 'INTEGER PRIMARY KEY'],
  'taskRuns.open': [taskRuns.open, 'sqlite_autoindex_task_runs'],
  'taskRuns.openCountByProfile': [taskRuns.openCountByProfile, 'task_runs_open'],
  'taskRuns.ofTask': [taskRuns.ofTask, 'sqlite_autoindex_task_runs'],
  'taskRuns.newestRunsOf': [taskRuns.newestRunsOf, 'sqlite_autoindex_task_runs'],
  'taskRuns.countOf': [taskRuns.countOf, 'sqlite_autoindex_task_runs'],
  'taskRuns.newestOf': [taskRuns.newestOf, 'sqlite_autoindex_task_runs'],
  // SQLite also plans for rows that refer to a missing run.
  'taskRuns.insert': [taskRuns.insert, 'sqlite_autoindex_task_runs', 'messages_run', 'task_comments_run'],
  'taskRuns.close': [taskRuns.close, 'INTEGER PRIMARY KEY'],
  'runHistory.newestHandoff': [runHistory.newestHandoff, 'sqlite_autoindex_task_runs'],
  'runHistory.recentCompletedOf': [runHistory.recentCompletedOf, 'task_runs_profile'],
  'runHistory.recentEndsOf': [runHistory.recentEndsOf, 'task_runs_profile'],
  'runHistory.endedNotExited': [runHistory.endedNotExited, 'task_runs_'],
  'taskEvents.insert': [taskEvents.insert, 'task_events_task'],
  'taskEvents.since': [taskEvents.since, 'INTEGER PRIMARY KEY'],
  'taskEvents.changedTasks': [taskEvents.changedTasks, 'INTEGER PRIMARY KEY'],
  'taskEvents.changedProfiles': [taskEvents.changedProfiles, 'INTEGER PRIMARY KEY'],
  'taskEvents.activeProfiles': [taskEvents.activeProfiles, 'INTEGER PRIMARY KEY'],
  'taskEvents.deletedSince': [taskEvents.deletedSince, 'INTEGER PRIMARY KEY'],
  'taskEvents.sinceOfTask': [taskEvents.sinceOfTask, 'task_events_task'],
  'taskEvents.ofTask': [taskEvents.ofTask, 'task_events_task'],
  'taskEvents.newestOf': [taskEvents.newestOf, 'task_events_task'],
  'taskEvents.countOf': [taskEvents.countOf, 'task_events_task'],
  'taskEvents.newestOfOneRun': [taskEvents.newestOfOneRun, 'task_events_run'],
  'taskEvents.countAllOfRun': [taskEvents.countAllOfRun, 'task_events_run'],
  'taskEvents.ofRun': [taskEvents.ofRun, 'task_events_run'],
  'taskEvents.newestOfRun': [taskEvents.newestOfRun, 'task_events_run'],
  'taskEvents.notesOf': [taskEvents.notesOf, 'task_events_task'],
  'taskComments.newestOf': [taskComments.newestOf, 'task_comments_task'],
  'taskComments.countOf': [taskComments.countOf, 'task_comments_task'],
  'taskComments.ofTask': [taskComments.ofTask, 'task_comments_task'],
  'profileState.of': [profileState.of, 'PRIMARY KEY'],
  'questions.waitingRuns': [questions.waitingRuns, 'questions_open'],
  'questions.waits': [questions.waits, 'questions_open'],
  'questions.hasOpen': [questions.hasOpen, 'questions_open'],
  'questions.answeredOf': [questions.answeredOf, 'sqlite_autoindex_task_runs', 'questions_run'],
  'questions.openOfRun': [questions.openOfRun, 'questions_open'],
  'questions.waitsOf': [questions.waitsOf, 'questions_run'],
  'workflowItems.ofJoiningCarriers': [
    workflowItems.ofJoiningCarriers,
    'tasks_claimable',
    'workflow_runs_task',
  ],
  'cards.byIds': [cards.byIds, 'sqlite_autoindex_tasks_1'],
  'cards.column': [cards.column, 'tasks_status'],
  'cards.newestOfColumn': [cards.newestOfColumn, 'tasks_status', 'INTEGER PRIMARY KEY'],
}

/** Temporary lists, and tables of a handful of rows. */
const MAY_BE_SCANNED = /^SCAN (json_each|value|below|names|\(subquery|CONSTANT|profile_state|sqlite_sequence)/

describe('the plan of a hot statement', () => {
  it.each(Object.entries(HOT))(
    '%s uses its index and scans no table',
    async (_name, [{ sql }, ...indexes]) => {
      const db = await freshBoard()
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parametersOf(sql)) as { detail: string }[]
      db.close()
      const details = plan.map((row) => row.detail)

      const scans = details.filter((detail) => detail.startsWith('SCAN') && !MAY_BE_SCANNED.test(detail))
      const overIndex = (detail: string) => /USING (COVERING )?INDEX (tasks_|task_|questions_)/.test(detail)
      expect(scans.filter((detail) => !overIndex(detail))).toEqual([])
      for (const index of indexes) expect(details.join('\n')).toContain(index)
      // Reading every task of a status, when a few were wanted.
      if (!indexes.includes('tasks_status')) expect(details.join('\n')).not.toContain('tasks_status')
      expect(details.filter((detail) => detail.includes('AUTOMATIC'))).toEqual([])
    },
  )

  it.each([
    ['tasks.claimableOf', tasks.claimableOf],
    ['tasks.readyOfProfile', tasks.readyOfProfile],
    ['taskEvents.since', taskEvents.since],
    ['taskRuns.newestOf', taskRuns.newestOf],
    ['cards.column', cards.column],
  ] as const)('%s is in order by its index, without sorting', async (_name, { sql }) => {
    const db = await freshBoard()
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parametersOf(sql)) as {
      id: number
      parent: number
      detail: string
    }[]
    db.close()

    expect(plan.filter((row) => row.parent === 0 && row.detail.includes('TEMP B-TREE'))).toEqual([])
  })
})

it('the lists in the schema equal those of the contract', async () => {
  const db = await freshBoard()
  const tables = db
    .prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '% IN (%'`)
    .all() as {
    name: string
    sql: string
  }[]
  db.close()
  const lists = Object.fromEntries(
    tables.flatMap(({ name, sql }) =>
      [...sql.matchAll(/CHECK \((\w+) IN \(('[^)]*)\)\)/g)].map(([, column, values]) => [
        `${name}.${column}`,
        [...values!.matchAll(/'(\w+)'/g)].map(([, value]) => value),
      ]),
    ),
  )

  expect(lists).toMatchObject({
    'tasks.status': TASK_STATUSES,
    'tasks.block_kind': BLOCK_KINDS,
    'tasks.workspace_kind': WORKSPACE_KINDS,
    'tasks.archived_from': TASK_STATUSES.filter((status) => status !== 'running' && status !== 'archived'),
    'task_runs.trigger': RUN_TRIGGERS,
    'task_runs.outcome': RUN_OUTCOMES,
    'task_runs.stop_outcome': STOP_OUTCOMES,
    'questions.kind': QUESTION_KINDS,
    'questions.withdrawn_why': WITHDRAWN_WHYS,
  })
})

it.for([
  { table: 'tasks', columns: tasks.COLUMNS },
  { table: 'task_runs', columns: taskRuns.RUN_COLUMNS },
])('a row of $table has exactly the columns of the schema', async ({ table, columns }) => {
  const db = await freshBoard()
  const names = db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table)
  db.close()
  expect([...columns].sort()).toEqual(names.sort())
})
