import type { BoardEvent, Client } from '../../contract/index.ts'

/** An event of a board that something has covered. The time recognises it in a file that replaced the board’s. */
export interface EventMark {
  id: number
  /** When it happened; null in what older versions remembered. */
  at: number | null
}

export function markOf({ id, created_at }: BoardEvent): EventMark {
  return { id, at: created_at }
}

/** @returns the mark in a file, or null if it is not one */
export function asMark(found: unknown): EventMark | null {
  if (typeof found === 'number') return { id: found, at: null }
  if (typeof found !== 'object' || found === null || !('id' in found) || !('at' in found)) return null
  const { id, at } = found
  if (typeof id !== 'number' || (typeof at !== 'number' && at !== null)) return null
  return { id, at }
}

/**
 * Where to continue after an event. A board that was restored, copied back by hand, or created again under the same
 * name may give the same id to another event, or end before it: then its events count from the time of the mark, so that
 * none is skipped and none is repeated.
 *
 * @returns the id of the last event that the mark covers
 */
export async function resumeAfter(client: Client, board: string, { id, at }: EventMark): Promise<number> {
  const first = async (since: number) =>
    (await client.event.list({ board, since, limit: 1 })).events.find((event) => event.id > since)
  if (at === null) return id
  const known = id > 0 ? await first(id - 1) : undefined
  if (known?.id === id && known.created_at === at) return id
  let covered = 0
  let end = (await client.inbox.show({ board, limit: 1 })).cursor
  while (covered < end) {
    const middle = Math.floor((covered + end) / 2)
    const next = await first(middle)
    if (next === undefined || next.created_at > at) end = middle
    else covered = next.id
  }
  return covered
}
