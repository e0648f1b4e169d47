/** A text that takes longer is shown as plain source. */
const LIMIT_MS = 2_000

interface Asked {
  text: string
  answer: (html: string | null) => void
}

/** Parses Markdown in a worker thread, one text after the other. A text that takes too long ends the thread. */
export class MarkdownThread {
  readonly #queue: Asked[] = []
  readonly #start: () => Worker
  readonly #limit: number
  #worker: Worker | null = null
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(start = startWorker, limit = LIMIT_MS) {
    this.#start = start
    this.#limit = limit
  }

  /** @returns HTML that is not sanitized yet; null for a text to be shown as plain source. Never rejects. */
  parse(text: string): Promise<string | null> {
    return new Promise((answer) => {
      this.#queue.push({ text, answer })
      if (this.#queue.length === 1) this.#next()
    })
  }

  #next(): void {
    const [asked] = this.#queue
    if (asked === undefined) return
    try {
      this.#worker ??= this.#listened(this.#start())
      this.#timer = setTimeout(() => this.#giveUp(), this.#limit)
      this.#worker.postMessage(asked.text)
    } catch {
      this.#giveUp()
    }
  }

  #listened(worker: Worker): Worker {
    worker.onmessage = ({ data }: MessageEvent<string | null>) => this.#answer(data)
    worker.onerror = () => this.#giveUp()
    return worker
  }

  #giveUp(): void {
    this.#worker?.terminate()
    this.#worker = null
    this.#answer(null)
  }

  #answer(html: string | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#queue.shift()?.answer(html)
    this.#next()
  }
}

function startWorker(): Worker {
  return new Worker(new URL('./markdown-worker.ts', import.meta.url), { type: 'module' })
}
