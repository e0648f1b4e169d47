import { count } from '../../formats/count.ts'
import { type Card, type Client, hasFailed, needsPerson } from '../../contract/index.ts'
import type { Place } from './places.ts'

/** The tray's summary of all boards. */
export interface Overview {
  /** Tasks with an open failure: the same number as in a board's header. */
  failed: number
  /** The failed tasks that do not wait for a person: `needs_me` counts the others. */
  failed_open: number
  needs_me: number
  running: number
  /** Every board is paused. */
  paused: boolean
  boards: { slug: string; name: string }[]
  /** Both newest first. */
  failures: OverviewEntry[]
  waiting: OverviewEntry[]
}

export interface OverviewEntry {
  label: string
  place: Place
  at: number
}

export type TrayState = 'error' | 'needs_you' | 'running' | 'idle'

const EMPTY: Overview = {
  failed: 0,
  failed_open: 0,
  needs_me: 0,
  running: 0,
  paused: false,
  boards: [],
  failures: [],
  waiting: [],
}

/** How many of the newest cards are searched for failures, and how many of each list a menu shows. */
const LOOKED_THROUGH = 100
const LISTED = 5

/** @returns the most important state: error > needs you > running > idle */
export function trayState(overview: Overview): TrayState {
  if (overview.failed > 0) return 'error'
  if (overview.needs_me > 0) return 'needs_you'
  return overview.running > 0 ? 'running' : 'idle'
}

/** @returns how many tasks a person should look at */
export function lookCount(overview: Overview): number {
  return overview.failed_open + overview.needs_me
}

/** @returns the overview in one line, for a tooltip */
export function overviewLine(overview: Overview): string {
  const { failed, needs_me: waiting, running } = overview
  const parts = [
    failed > 0 ? `${failed} failed` : '',
    waiting > 0 ? `${count(waiting, 'needs', 'need')} you` : '',
    running > 0 ? `${running} running` : '',
    overview.paused ? 'paused' : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'Runboard' : `Runboard: ${parts.join(', ')}`
}

function entry(board: string, card: Card): OverviewEntry {
  const place = { board, task: card.id, attempt: card.attempt_count || undefined }
  return { label: card.title, place, at: card.updated_at }
}

function newest(entries: OverviewEntry[]): OverviewEntry[] {
  return entries.sort((a, b) => b.at - a.at).slice(0, LISTED)
}

async function overviewOf(client: Client, slug: string): Promise<Overview> {
  const [stats, { dispatcher }, { tasks }] = await Promise.all([
    client.stats.show({ board: slug }),
    client.dispatcher.show({ board: slug }),
    client.task.list({ board: slug, sort: '-updated', limit: LOOKED_THROUGH }),
  ])
  const open = tasks.filter((card) => card.completed_at === null && card.current_run_id === null)
  const failed = open.filter(hasFailed)
  return {
    ...EMPTY,
    failed: stats.failed,
    failed_open: failed.filter((card) => !needsPerson(card)).length,
    needs_me: stats.needs_me,
    running: stats.runs_open,
    paused: dispatcher.paused,
    failures: failed.map((card) => entry(slug, card)),
    waiting: tasks
      .filter((card) => needsPerson(card) && !failed.includes(card))
      .map((card) => entry(slug, card)),
  }
}

/** @returns the summary of all boards that are not archived */
export async function readOverview(client: Client): Promise<Overview> {
  const { boards: all } = await client.board.list({})
  const boards = all.filter(({ problem }) => problem === null)
  const each = await Promise.all(boards.map(({ slug }) => overviewOf(client, slug)))
  const sum = (count: (overview: Overview) => number) =>
    each.reduce((total, overview) => total + count(overview), 0)
  return {
    failed: sum((overview) => overview.failed),
    failed_open: sum((overview) => overview.failed_open),
    needs_me: sum((overview) => overview.needs_me),
    running: sum((overview) => overview.running),
    paused: each.length > 0 && each.every(({ paused }) => paused),
    boards: boards.map(({ slug, name }) => ({ slug, name })),
    failures: newest(each.flatMap(({ failures }) => failures)),
    waiting: newest(each.flatMap(({ waiting }) => waiting)),
  }
}
