import { startProgram, type Program } from './processes.ts'
import type { Setup } from './setup.ts'

/** What a writing process has reported. */
export interface Told {
  created: string[]
  claimed: { task: string; run: number }[]
  completed: { task: string; run: number }[]
}

interface Fact {
  created?: string
  claimed?: string
  completed?: string
  run?: number
}

/** @returns the reports in a writer's output; a line cut by a kill does not count */
export function readTold(output: string): Told {
  const told: Told = { created: [], claimed: [], completed: [] }
  for (const line of output.split('\n').slice(0, -1)) {
    if (!line.startsWith('{')) throw new Error(`a writer failed: ${output.slice(output.indexOf(line))}`)
    const fact = JSON.parse(line) as Fact
    const of = (task: string) => ({ task, run: fact.run ?? 0 })
    if (fact.created !== undefined) told.created.push(fact.created)
    if (fact.claimed !== undefined) told.claimed.push(of(fact.claimed))
    if (fact.completed !== undefined) told.completed.push(of(fact.completed))
  }
  return told
}

/** Starts processes that write to the test's board, each for `rounds` rounds, or until it is killed. */
export function startWriters({ home }: Setup, count: number, rounds?: number): Program[] {
  const names = Array.from({ length: count }, (_, n) => `writer-${n}`)
  return names.map((name) =>
    startProgram('write-forever.ts', [home, name, ...(rounds === undefined ? [] : [String(rounds)])]),
  )
}

/** What the board lacks of that: lost writes, and claims that were given twice. */
export function findLost({ inspector }: Setup, told: readonly Told[]): string[] {
  const tasks = new Map(
    inspector
      .all<{ id: string; status: string }>('SELECT id, status FROM tasks')
      .map((row) => [row.id, row.status]),
  )
  const runs = new Map(
    inspector
      .all<{ id: number; task_id: string; outcome: string | null }>(
        'SELECT id, task_id, outcome FROM task_runs',
      )
      .map((row) => [row.id, row]),
  )
  const claims = told.flatMap((one) => one.claimed.map(({ run }) => run))
  return [
    ...told.flatMap((one) => one.created.filter((id) => !tasks.has(id)).map((id) => `task ${id} is lost`)),
    ...told.flatMap((one) =>
      one.claimed
        .filter(({ task, run }) => runs.get(run)?.task_id !== task)
        .map(({ run }) => `claim ${run} is lost`),
    ),
    ...told.flatMap((one) =>
      one.completed
        .filter(({ task, run }) => runs.get(run)?.outcome !== 'completed' || tasks.get(task) !== 'done')
        .map(({ run }) => `completion of run ${run} is lost`),
    ),
    ...claims.filter((run, at) => claims.indexOf(run) !== at).map((run) => `run ${run} was given to two`),
    ...inspector
      .all<{ task_id: string }>('SELECT task_id FROM task_runs GROUP BY task_id HAVING count(*) > 1')
      .map(({ task_id }) => `task ${task_id} was claimed twice`),
  ]
}
