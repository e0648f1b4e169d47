import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type ProcessEntry, readProcessTable } from '../workers/process/process-table.ts'
import { Inspector } from './invariants.ts'
import type { WorkerSetup } from './workers.ts'
import { until } from './setup.ts'

/** @returns the processes of a home on this machine: workers, their keepers, and leftovers */
export async function processesOf(home: string): Promise<ProcessEntry[]> {
  const table = await readProcessTable()
  if (process.platform === 'win32') {
    const keepers = keepersOf(home)
    return [...table.values()].filter(({ group }) => keepers.has(group))
  }
  return [...table.values()].filter(
    ({ pid }) => pid !== process.pid && environmentOf(pid).includes(`RUNBOARD_HOME=${home}\0`),
  )
}

/** Windows does not show the environment of a process: the keepers that the boards know, and the processes in their jobs. */
function keepersOf(home: string): ReadonlySet<number> {
  const pids = new Set<number>()
  for (const board of readdirSync(join(home, 'boards'))) {
    const inspector = new Inspector(join(home, 'boards', board, 'board.db'))
    const rows = inspector.all<{ pid: number | null }>('SELECT keeper_pid AS pid FROM task_runs')
    for (const { pid } of rows) if (pid !== null) pids.add(pid)
    inspector.close()
  }
  return pids
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    // It has ended, or belongs to another user.
    return ''
  }
}

/** A shell line by which a worker records that its program has started. */
export function noteStart({ path }: Pick<WorkerSetup, 'path'>): string {
  return `echo "$RUNBOARD_TASK $RUNBOARD_ATTEMPT" >>'${path('starts')}'`
}

/** A shell line by which a worker records that its work is done, right before it ends well. */
export function noteResult({ path }: Pick<WorkerSetup, 'path'>): string {
  return `echo "$RUNBOARD_TASK" >>'${path('results')}'`
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '')

/**
 * What must hold after any fault: the invariants of the board hold, no run is open, no process is left, no attempt
 * was started twice or without a run, and no result is lost.
 */
export async function expectAftermath(bundle: WorkerSetup): Promise<void> {
  const { home, inspector, invariants, text } = bundle
  invariants()
  expect(inspector.all('SELECT id FROM task_runs WHERE ended_at IS NULL')).toEqual([])

  await until(async () => (await processesOf(home)).length === 0, 'the last process to go')

  const starts = linesOf(text('starts'))
  expect(starts.filter((line, index) => starts.indexOf(line) !== index)).toEqual([])
  const runs = inspector
    .all<{ task_id: string; attempt: number }>('SELECT task_id, attempt FROM task_runs')
    .map(({ task_id, attempt }) => `${task_id} ${attempt}`)
  expect(starts.filter((line) => !runs.includes(line))).toEqual([])

  const completed = inspector
    .all<{ task_id: string }>(`SELECT task_id FROM task_runs WHERE outcome = 'completed'`)
    .map(({ task_id }) => task_id)
  const results = linesOf(text('results'))
  expect(results.filter((id) => !completed.includes(id))).toEqual([])
  expect(results.filter((id, index) => results.indexOf(id) !== index)).toEqual([])
}
