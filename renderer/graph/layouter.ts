import type { TaskGraph } from './graph-model.ts'
import { layOut, type Positions } from './layout.ts'
import type { LayoutRequest } from './layout-worker.ts'

/** From this many nodes, a layout on the main thread would block the page. */
const MANY = 500

interface LayoutAnswer {
  asked: number
  positions: Positions
}

/** Lays out graphs: small ones at once, large ones in a worker thread. Only the newest request is answered. */
export class Layouter {
  #worker: Worker | null = null
  #asked = 0
  #waiting: { resolve: (positions: Positions | null) => void; reject: (cause: Error) => void } | null = null

  /** @returns null when a newer request replaced this one, or the layouter was stopped */
  lay({ ids, links }: TaskGraph): Promise<Positions | null> {
    this.#drop()
    if (ids.length < MANY) return Promise.resolve(layOut({ ids, links }))
    const worker = (this.#worker ??= this.#start())
    const asked = ++this.#asked
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      worker.postMessage({ asked, graph: { ids, links } } satisfies LayoutRequest)
    })
  }

  stop(): void {
    this.#drop()
    this.#worker?.terminate()
    this.#worker = null
  }

  #start(): Worker {
    const worker = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data: { asked, positions } }: MessageEvent<LayoutAnswer>) => {
      if (asked !== this.#asked) return
      this.#waiting?.resolve(positions)
      this.#waiting = null
    }
    worker.onerror = ({ message }) => {
      this.#waiting?.reject(new Error(message || 'The thread that lays out the graph could not be started.'))
      this.#waiting = null
    }
    return worker
  }

  #drop(): void {
    this.#waiting?.resolve(null)
    this.#waiting = null
  }
}
