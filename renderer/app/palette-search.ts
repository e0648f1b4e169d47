import { count } from '../../formats/count.ts'
import type { Board, Card, Client, SearchMatch } from '../../contract/index.ts'
import type { Outcome } from '../../contract/states.ts'
import { asFailure } from '../shared/errors.ts'

/** A task that was found, and why. */
export interface TaskHit {
  board: string
  task: Card
  title: SearchMatch | null
  /** The text beside the title that has the words. */
  other: SearchMatch | null
}

/** A run that was found: by its number, by its summary or error, or as the newest of a task with that title. */
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
  /** What was not searched, as sentences. */
  omitted: readonly string[]
}

export const NOTHING: Hits = { tasks: [], runs: [], elsewhere: [], omitted: [] }

/** How many tasks of the open board, of each other board, and how many runs are shown. */
const OWN = 12
const OTHERS = 4
const RUNS = 5
/** Other boards are searched from this many characters on: one letter finds half of everything. */
const LEAST = 2
/** Searching a board opens its file, at each pause in typing: at most this many. */
const MOST_BOARDS = 24

/**
 * @param open the board in the window
 * @param text what was typed; a blank text finds the tasks of the open board that changed last
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

/** A board that cannot be read does not hide what the others have. */
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
    // What a run said stands with the run, unless it is all there is to say about the task.
    const other = others.find(({ attempt }) => attempt === null) ?? (title === null ? others[0] : undefined)
    return { board, task, title, other: other ?? null }
  })
}

/** Runs with the words in their summary or error come before the newest runs of tasks whose title has them. */
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

/** A run by its number on the board, as `runboard run` takes it. */
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

/** @returns where the words of a match stand, as it is shown before them; null where that is plain to see */
export function placeOf({ attempt, found_in }: SearchMatch): string | null {
  if (found_in === 'comment') return 'Comment'
  return attempt === null ? null : `Attempt ${attempt}, ${found_in}`
}
