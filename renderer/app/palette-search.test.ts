import { expect, it } from 'vitest'
import type { Client, SearchMatch } from '../../contract/index.ts'
import { findEverywhere } from './palette-search.ts'

interface FakeTask {
  id: string
  title: string
  attempt_count?: number
  last_outcome?: string
  matches?: Partial<SearchMatch>[]
}

function clientOf(boards: Record<string, FakeTask[] | Error>, runs: Record<number, object> = {}): Client {
  const notFound = Object.assign(new Error('not found'), { code: 'NOT_FOUND' })
  return {
    task: {
      list: ({ board, matches }: { board: string; matches?: boolean }) => {
        const tasks = boards[board] ?? []
        if (tasks instanceof Error) return Promise.reject(tasks)
        const found = tasks.flatMap(({ id, matches: own = [] }) =>
          own.map((match) => ({ task_id: id, attempt: null, outcome: null, text: '', marks: [], ...match })),
        )
        return Promise.resolve({
          tasks: tasks.map((task) => ({ attempt_count: 0, last_outcome: null, status: 'done', ...task })),
          ...(matches === true ? { matches: found } : {}),
        })
      },
      show: ({ id }: { id: string }) => Promise.resolve({ task: { id, title: `Title of ${id}` } }),
    },
    run: {
      show: ({ id }: { id: number }) =>
        runs[id] === undefined ? Promise.reject(notFound) : Promise.resolve({ run: runs[id] }),
    },
  } as unknown as Client
}

const board = (slug: string, problem: string | null = null) => ({ slug, name: slug.toUpperCase(), problem })
const BOARDS = [board('work'), board('home')]

it('finds tasks of the open board and of other boards, and shows the match', async () => {
  const client = clientOf({
    work: [{ id: 't_1', title: 'Paint', matches: [{ found_in: 'comment', text: 'the paint' }] }],
    home: [{ id: 't_2', title: 'Painter', matches: [{ found_in: 'title' }] }],
  })
  const { elsewhere, runs, tasks } = await findEverywhere(client, 'work', BOARDS, 'paint')
  expect(tasks.map(({ board, other, title }) => [board, title, other?.text])).toEqual([
    ['work', null, 'the paint'],
  ])
  expect(elsewhere.map(({ board, title }) => [board, title?.found_in])).toEqual([['home', 'title']])
  expect(runs).toEqual([])
})

it('lists the runs whose text matches, then the newest runs of tasks whose title matches', async () => {
  const title: Partial<SearchMatch> = { found_in: 'title' }
  const client = clientOf({
    work: [
      { id: 't_1', title: 'Oil it', attempt_count: 2, last_outcome: 'completed', matches: [title] },
      {
        id: 't_2',
        title: 'Other',
        attempt_count: 3,
        last_outcome: 'completed',
        matches: [{ found_in: 'error', attempt: 1, outcome: 'crashed', text: 'no oil' }],
      },
    ],
  })
  const { runs, tasks } = await findEverywhere(client, 'work', [], 'oil')
  expect(
    runs.map(({ attempt, match, outcome, task_id }) => [task_id, attempt, outcome, match?.text]),
  ).toEqual([
    ['t_2', 1, 'crashed', 'no oil'],
    ['t_1', 2, 'completed', undefined],
  ])
  expect(tasks[1]?.other?.text).toBe('no oil')
})

it('finds a run by its number', async () => {
  const client = clientOf({ work: [] }, { 7: { task_id: 't_9', attempt: 2, outcome: 'crashed' } })
  for (const text of ['7', '#7']) {
    const { runs } = await findEverywhere(client, 'work', [], text)
    expect(runs).toMatchObject([{ task_id: 't_9', title: 'Title of t_9', attempt: 2, outcome: 'crashed' }])
  }
  expect((await findEverywhere(client, 'work', [], '8')).runs).toEqual([])
})

it('lists a run once if its number and its title or text match', async () => {
  const task = { id: 't_9', title: 'Port 7', attempt_count: 2, last_outcome: 'crashed' }
  const runs = { 7: { task_id: 't_9', attempt: 2, outcome: 'crashed' } }
  const titled = clientOf({ work: [{ ...task, matches: [{ found_in: 'title' }] }] }, runs)
  const said: Partial<SearchMatch> = { found_in: 'error', attempt: 2, text: 'port 7 is taken' }
  for (const client of [titled, clientOf({ work: [{ ...task, matches: [said] }] }, runs)]) {
    const found = await findEverywhere(client, 'work', [], '7')
    expect(found.runs.map(({ attempt, task_id }) => [task_id, attempt])).toEqual([['t_9', 2]])
  }
})

it('names a board that could not be searched, and skips a board with a known problem', async () => {
  const broken = Object.assign(new Error('The board’s file is damaged.'), { code: 'BOARD_DAMAGED' })
  const client = clientOf({ work: [{ id: 't_1', title: 'Paint' }], home: broken, old: broken })
  const boards = [...BOARDS, board('old', 'cannot be opened')]
  const { omitted, tasks } = await findEverywhere(client, 'work', boards, 'paint')
  expect(omitted).toEqual(['Not searched: HOME: The board’s file is damaged.'])
  expect(tasks).toHaveLength(1)
})

it('searches a limited number of boards, and says how many it left out', async () => {
  const many = Array.from({ length: 30 }, (_, index) => board(`b${index}`))
  const client = clientOf({
    work: [],
    b23: [{ id: 't_1', title: 'Paint' }],
    b24: [{ id: 't_2', title: 'Paint' }],
  })
  const found = await findEverywhere(client, 'work', many, 'paint')
  expect(found.elsewhere.map(({ board }) => board)).toEqual(['b23'])
  expect(found.omitted).toEqual(['6 more boards not searched: open one to search it.'])
})

it('searches only the open board for a single letter', async () => {
  const client = clientOf({ work: [], home: [{ id: 't_2', title: 'Painter' }] })
  expect((await findEverywhere(client, 'work', BOARDS, 'p')).elsewhere).toEqual([])
})
