import type { Card } from '../../contract/index.ts'
import { isSatisfied } from '../../contract/states.ts'

/** The links between tasks, as the graph shows them. */
export interface TaskGraph {
  /** Ids of the linked tasks, in the order of the cards. */
  ids: readonly string[]
  /** Parent first. */
  links: readonly (readonly [parent: string, child: string])[]
  /** How many tasks have no link to a loaded task. */
  single: number
  /** How many tasks were left out because everything they are linked to is finished. */
  finished: number
}

export const NO_GRAPH: TaskGraph = { ids: [], links: [], single: 0, finished: 0 }

type Linked = Pick<Card, 'id' | 'status' | 'parents'>

/**
 * @param cards the loaded cards; links to others are left out
 * @param showsFinished whether to include groups whose tasks are all finished
 */
export function buildGraph(cards: Iterable<Linked>, showsFinished: boolean): TaskGraph {
  const known = new Map([...cards].map((card) => [card.id, card]))
  const all = new Neighbours({ links: [...known.values()].flatMap((card) => linksOf(card, known)) })
  const neighbours = (id: string) => [...all.parents(id), ...all.children(id)]
  const shown = new Set<string>()
  const seen = new Set<string>()
  let single = 0
  let finished = 0
  for (const card of known.values()) {
    if (seen.has(card.id)) continue
    const chain = reach([card.id], neighbours)
    for (const id of chain) seen.add(id)
    if (chain.size === 1) single++
    else if (!showsFinished && [...chain].every((id) => isSatisfied((known.get(id) as Linked).status)))
      finished += chain.size
    else for (const id of chain) shown.add(id)
  }
  const ids = [...known.keys()].filter((id) => shown.has(id))
  const links = ids.flatMap((id) => linksOf(known.get(id) as Linked, shown))
  return { ids, links, single, finished }
}

/** A link is stored with its child, so reading the children is enough. */
function linksOf(card: Linked, among: { has(id: string): boolean }): (readonly [string, string])[] {
  return card.parents.filter((parent) => among.has(parent)).map((parent) => [parent, card.id] as const)
}

/** @returns all ids that can be reached, with the starting ones */
function reach(from: readonly string[], next: (id: string) => readonly string[]): Set<string> {
  const reached = new Set(from)
  const open = [...from]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const other of next(id)) {
      if (reached.has(other)) continue
      reached.add(other)
      open.push(other)
    }
  }
  return reached
}

/** The links of a graph, indexed by both ends. */
export class Neighbours {
  readonly #parents = new Map<string, string[]>()
  readonly #children = new Map<string, string[]>()

  constructor({ links }: Pick<TaskGraph, 'links'>) {
    for (const [parent, child] of links) {
      push(this.#parents, child, parent)
      push(this.#children, parent, child)
    }
  }

  parents(id: string): readonly string[] {
    return this.#parents.get(id) ?? []
  }

  children(id: string): readonly string[] {
    return this.#children.get(id) ?? []
  }

  /** @returns everything a task waits for and everything that waits for it, with the task itself */
  chain(id: string): Set<string> {
    const before = reach([id], (one) => this.parents(one))
    const after = reach([id], (one) => this.children(one))
    return new Set([...before, ...after])
  }
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

/** The id of a link in the drawn graph. */
export function linkId(parent: string, child: string): string {
  return `${parent}>${child}`
}

/**
 * The paths along which tasks wait for a person: from each task that only a person can continue, through everything
 * that waits for it.
 *
 * @param card null for a task that is not loaded
 * @returns the ids of the links
 */
export function heldUpLinks(
  { ids, links }: TaskGraph,
  card: (id: string) => Pick<Card, 'status' | 'held'> | undefined,
): Set<string> {
  const neighbours = new Neighbours({ links })
  const waiting = (id: string) => {
    const status = card(id)?.status
    return status !== undefined && !isSatisfied(status)
  }
  const stuck = ids.filter((id) => {
    const found = card(id)
    return found !== undefined && needsPerson(found)
  })
  const behind = reach(stuck, (id) => neighbours.children(id).filter(waiting))
  return new Set(
    links
      .filter(([parent, child]) => behind.has(parent) && waiting(child))
      .map(([parent, child]) => linkId(parent, child)),
  )
}

/** @returns whether only a person can continue the task */
export function needsPerson({ status, held }: Pick<Card, 'status' | 'held'>): boolean {
  return status === 'blocked' || status === 'review' || status === 'triage' || (held && status !== 'done')
}
