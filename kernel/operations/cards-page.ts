import type { Card, OperationOutput } from '../../contract/index.ts'
import { count } from '../../formats/count.ts'
import type { BoardFacts } from '../board/gates.ts'
import { presentCards } from '../board/facts.ts'
import type { Reader } from '../db/connection.ts'
import * as cards from '../tables/cards.ts'
import type { CardRow } from '../tables/cards.ts'

/** The most that the cards of one answer take, in bytes of JSON: about 20,000 cards. */
const CARDS_BYTES = 20_000_000

/** Collects cards for one answer until it is full. */
export class CardsPage {
  readonly #facts: BoardFacts
  #left = CARDS_BYTES

  constructor(facts: BoardFacts) {
    this.#facts = facts
  }

  /** @returns the cards that still fit; the first is always included */
  take(rows: Iterable<CardRow>): Card[] {
    const taken: Card[] = []
    for (const row of rows) {
      const card = presentCards([row], this.#facts)[0] as Card
      this.#left -= Buffer.byteLength(JSON.stringify(card))
      if (this.#left < 0 && taken.length > 0) break
      taken.push(card)
    }
    return taken
  }
}

/** How many rows are read at a time: those after a full answer are not read. */
const CHUNK = 500

/** @returns the rows of these tasks, in this order */
export function* rowsOf(read: Reader, ids: readonly string[]): Generator<CardRow> {
  for (let start = 0; start < ids.length; start += CHUNK) {
    const chunk = ids.slice(start, start + CHUNK)
    const found = new Map(read.all(cards.byIds, { ids: JSON.stringify(chunk) }).map((row) => [row.id, row]))
    for (const id of chunk) {
      const row = found.get(id)
      if (row !== undefined) yield row
    }
  }
}

/** What an answer leaves out, and how to read the rest; nothing when it has everything that was asked for. */
export function omittedTasks(
  left: number,
  howToContinue: string,
): Pick<OperationOutput<'task.list'>, 'omitted'> {
  if (left <= 0) return {}
  const sentence = `Not shown: ${count(left, 'more task')}, because an answer has a maximum size. ${howToContinue}`
  return { omitted: { tasks: left, sentence } }
}
