import { count } from '../../formats/count.ts'
import type { Board, Card, Client, SearchMatch } from '../../contract/index.ts'
import type { Outcome } from '../../contract/states.ts'
import { asFailure } from '../shared/errors.ts'

/** A found task, with its matches. */
export interface TaskHit {
  board: string
  task: Card
  title: SearchMatch | null
  /** The match outside of the title, if there is one. */
  other: SearchMatch | null
}

/** A found run: by its number, by its summary or error, or as the newest run of a task whose title matches. */
export interface RunHit {
  task_id: string
  title: string
  attempt: number
  outcome: Outcome | null
  match: SearchMatch | null
}

export interface Hits {
  tasks: readonly TaskHit[]
  runs: readonly RunHit[]
  /** Tasks of the other boards. */
  elsewhere: readonly TaskHit[]
  /** Sentences that name the boards that were not searched. */
  omitted: readonly string[]
}

export const NOTHING: Hits = { tasks: [], runs: [], elsewhere: [], omitted: [] }

/** The most shown tasks of the open board, tasks of each other board, and runs. */
const OWN = 12
const OTHERS = 4
const RUNS = 5
/** The shortest text to search other boards for: a single letter would match too much. */
const LEAST = 2
/** The most other boards to search: each search opens the board's file, at each pause in typing. */
const MOST_BOARDS = 24

/**
 * @param open the board in the window
 * @param text the typed text; a blank one finds the tasks of the open board that changed last
 */
export async function findEverywhere(
  client: Client,
  open: string | null,
  boards: readonly Pick<Board, 'slug' | 'name' | 'problem'>[],
  text: string,
): Promise<Hits> {
  const searchable = boards.filter(({ problem, slug }) => slug !== open && problem === null)
  const others = text.length < LEAST ? [] : searchable.slice(0, MOST_BOARDS)
  const left = others.length === 0 ? 0 : searchable.length - others.length
  const [own, numbered, elsewhere] = await Promise.all([
    open === null ? NO_CARDS : list(client, open, text, OWN),
    open === null ? null : runByNumber(client, open, text),
    Promise.all(others.map((board) => listOther(client, board, text))),
  ])
  const tasks = open === null ? [] : taskHits(open, own)
  const said = text === '' ? [] : runHits(own, tasks)
  const runs = numbered === null ? said : [numbered, ...said.filter((run) => !isSameRun(run, numbered))]
  return {
    tasks,
    runs: runs.slice(0, RUNS),
    elsewhere: elsewhere.flatMap(({ hits }) => hits),
    omitted: [
      ...elsewhere.flatMap(({ problem }) => (problem === null ? [] : [`Not searched: ${problem}`])),
      ...(left === 0 ? [] : [`${count(left, 'more board')} not searched: open one to search it.`]),
    ],
  }
}

interface Cards {
  tasks: readonly Card[]
  matches?: readonly SearchMatch[] | undefined
}

const NO_CARDS: Cards = { tasks: [] }

function list(client: Client, board: string, text: string, limit: number): Promise<Cards> {
  const search = text === '' ? {} : { search: text, matches: true }
  return client.task.list({ board, limit, sort: '-updated', ...search })
}

/** Searches another board. An error becomes `problem`, so that the hits of the other boards are still shown. */
async function listOther(
  client: Client,
  { name, slug }: Pick<Board, 'slug' | 'name'>,
  text: string,
): Promise<{ hits: TaskHit[]; problem: string | null }> {
  try {
    return { hits: taskHits(slug, await list(client, slug, text, OTHERS)), problem: null }
  } catch (error) {
    return { hits: [], problem: `${name}: ${asFailure(error).message}` }
  }
}

function taskHits(board: string, { tasks, matches = [] }: Cards): TaskHit[] {
  return tasks.map((task) => {
    const own = matches.filter(({ task_id }) => task_id === task.id)
    const title = own.find(({ found_in }) => found_in === 'title') ?? null
    const others = own.filter(({ found_in }) => found_in !== 'title')
    // Prefers a match outside of runs. A match in a run is listed with the run, and here only if nothing else matches.
    const other = others.find(({ attempt }) => attempt === null) ?? (title === null ? others[0] : undefined)
    return { board, task, title, other: other ?? null }
  })
}

/** @returns runs whose summary or error matches, then the newest runs of tasks whose title matches */
function runHits({ tasks, matches = [] }: Cards, hits: readonly TaskHit[]): RunHit[] {
  const titled = new Map(tasks.map((task) => [task.id, task]))
  const said = matches.flatMap((match): RunHit[] => {
    const task = titled.get(match.task_id)
    if (task === undefined || match.attempt === null) return []
    const { attempt, outcome } = match
    return [{ task_id: task.id, title: task.title, attempt, outcome, match }]
  })
  const newest = hits.flatMap(({ task, title }): RunHit[] => {
    const isListed = said.some(
      ({ attempt, task_id }) => task_id === task.id && attempt === task.attempt_count,
    )
    if (title === null || task.attempt_count === 0 || isListed) return []
    const outcome = task.status === 'running' ? null : task.last_outcome
    return [{ task_id: task.id, title: task.title, attempt: task.attempt_count, outcome, match: null }]
  })
  return [...said, ...newest]
}

function isSameRun(one: RunHit, other: RunHit): boolean {
  return one.task_id === other.task_id && one.attempt === other.attempt
}

/** Finds a run by its number on the board, as `runboard run` does. */
async function runByNumber(client: Client, board: string, text: string): Promise<RunHit | null> {
  const number = /^#?(\d{1,15})$/.exec(text)?.[1]
  if (number === undefined || Number(number) === 0) return null
  try {
    const { run } = await client.run.show({ board, id: Number(number) })
    const { task } = await client.task.show({ board, id: run.task_id })
    return {
      task_id: run.task_id,
      title: task.title,
      attempt: run.attempt,
      outcome: run.outcome,
      match: null,
    }
  } catch (error) {
    if (asFailure(error).code === 'NOT_FOUND') return null
    throw error
  }
}

/** @returns the label that says where a match was found; null where no label is needed */
export function placeOf({ attempt, found_in }: SearchMatch): string | null {
  if (found_in === 'comment') return 'Comment'
  return attempt === null ? null : `Attempt ${attempt}, ${found_in}`
}
