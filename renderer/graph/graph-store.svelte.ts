import type { Card } from '../../contract/index.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import { buildGraph, heldUpLinks, Neighbours, NO_GRAPH, type TaskGraph } from './graph-model.ts'
import { Layouter } from './layouter.ts'
import type { Positions } from './layout.ts'

const NONE: ReadonlySet<string> = heldUpLinks(NO_GRAPH, () => undefined)

/** The part of the board that the graph reads. */
export interface GraphBoard {
  /** Changes with every change of a card. */
  readonly revision: number
  cards(): Iterable<Card>
  card(id: string): Card | undefined
}

/** The drawn graph: laid out again only when its links change. */
export class GraphStore {
  phase = $state<'laying' | 'ready' | 'failed'>('laying')
  failure = $state.raw<Failure | null>(null)
  /** The newest graph that has a layout. */
  drawn = $state.raw<{ graph: TaskGraph; positions: Positions }>({ graph: NO_GRAPH, positions: {} })
  /** The links along which tasks wait for a person. */
  heldUp = $state.raw<ReadonlySet<string>>(NONE)
  readonly neighbours = $derived(new Neighbours(this.drawn.graph))

  readonly #board: GraphBoard
  readonly #layouter = new Layouter()
  #signature = ''

  constructor(board: GraphBoard) {
    this.#board = board
  }

  /** Reads the board's current state; call it at each change. */
  async update(showsFinished: boolean): Promise<void> {
    const graph = buildGraph(this.#board.cards(), showsFinished)
    const signature = JSON.stringify(graph)
    if (signature !== this.#signature) {
      this.#signature = signature
      await this.#lay(graph)
    }
    this.#light()
  }

  stop(): void {
    this.#layouter.stop()
  }

  async #lay(graph: TaskGraph): Promise<void> {
    try {
      const positions = await this.#layouter.lay(graph)
      if (positions === null) return
      this.drawn = { graph, positions }
      this.failure = null
      this.phase = 'ready'
    } catch (error) {
      this.failure = asFailure(error)
      this.phase = 'failed'
    }
  }

  #light(): void {
    const next = heldUpLinks(this.drawn.graph, (id) => this.#board.card(id))
    const isSame = next.size === this.heldUp.size && [...next].every((id) => this.heldUp.has(id))
    if (!isSame) this.heldUp = next
  }
}
