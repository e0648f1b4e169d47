import type { Client, Worker } from '../../contract/index.ts'
import { Coalescer } from '../shared/coalescer.ts'
import type { OpenBoard } from '../shared/context.ts'
import { asFailure, type Failure } from '../shared/errors.ts'

/** Memory and output cause no events, so they are polled this often while the window is visible. */
const PULSE = 2000
const GATHER = 80

/** One live process as its own signal, so that a change re-renders only that process. */
export class WorkerCell {
  worker: Worker
  constructor(worker: Worker) {
    this.worker = $state.raw(worker)
  }
}

/** The open runs of the board with their processes, newest last. */
export class WorkersStore {
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  failure = $state.raw<Failure | null>(null)
  cells = $state.raw<readonly WorkerCell[]>([])
  /** The run whose log is shown. */
  selected = $state<number | null>(null)

  readonly #client: Client
  readonly #board: OpenBoard
  readonly #refreshing = new Coalescer(() => this.refresh(), { wait: GATHER })
  #stopped = false

  constructor(client: Client, board: OpenBoard) {
    this.#client = client
    this.#board = board
  }

  /** @returns a function that stops it */
  start(): () => void {
    const pulse = setInterval(() => {
      if (!document.hidden) void this.refresh()
    }, PULSE)
    const unsubscribe = this.#board.feed.subscribe(() => this.#refreshing.soon())
    void this.refresh()
    return () => {
      this.#stopped = true
      clearInterval(pulse)
      unsubscribe()
      this.#refreshing.stop()
    }
  }

  get current(): WorkerCell | undefined {
    return this.cells.find(({ worker }) => worker.run_id === this.selected)
  }

  /** Selects the next or previous process. */
  step(by: 1 | -1): void {
    const at = this.cells.findIndex(({ worker }) => worker.run_id === this.selected)
    const next = this.cells[Math.min(Math.max(at + by, 0), this.cells.length - 1)]
    if (next !== undefined) this.selected = next.worker.run_id
  }

  async refresh(): Promise<void> {
    try {
      const { workers } = await this.#client.worker.list({ board: this.#board.slug })
      if (this.#stopped) return
      this.#take(workers)
      this.failure = null
      this.phase = 'ready'
    } catch (error) {
      this.failure = asFailure(error)
      if (this.phase === 'loading') this.phase = 'failed'
    }
  }

  #take(workers: readonly Worker[]): void {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- local to this call
    const known = new Map(this.cells.map((cell) => [cell.worker.run_id, cell]))
    const cells = workers.map((worker) => {
      const cell = known.get(worker.run_id) ?? new WorkerCell(worker)
      cell.worker = worker
      return cell
    })
    const isSame =
      cells.length === this.cells.length && cells.every((cell, index) => cell === this.cells[index])
    if (!isSame) this.cells = cells
    if (this.current === undefined) this.selected = cells[0]?.worker.run_id ?? null
  }
}
