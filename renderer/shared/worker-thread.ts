interface Waiting<Question, Answer> {
  question: Question
  answer: (answer: Answer | null) => void
}

/** A worker thread that answers one question after the other. A question that takes too long ends the thread. */
export class WorkerThread<Question, Answer> {
  readonly #queue: Waiting<Question, Answer>[] = []
  readonly #start: () => Worker
  readonly #limit: number
  #worker: Worker | null = null
  #timer: ReturnType<typeof setTimeout> | null = null

  /**
   * @param start starts a worker that sends one message for each that it gets
   * @param limit how long an answer may take, in milliseconds
   */
  constructor(start: () => Worker, limit: number) {
    this.#start = start
    this.#limit = limit
  }

  /** @returns null if the question took too long or the thread could not be started. Never rejects. */
  ask(question: Question): Promise<Answer | null> {
    return new Promise((answer) => {
      this.#queue.push({ question, answer })
      if (this.#queue.length === 1) this.#next()
    })
  }

  #next(): void {
    const [waiting] = this.#queue
    if (waiting === undefined) return
    try {
      this.#worker ??= this.#listened(this.#start())
      this.#timer = setTimeout(() => this.#giveUp(), this.#limit)
      this.#worker.postMessage(waiting.question)
    } catch {
      this.#giveUp()
    }
  }

  #listened(worker: Worker): Worker {
    worker.onmessage = ({ data }: MessageEvent<Answer | null>) => this.#answer(data)
    worker.onerror = () => this.#giveUp()
    return worker
  }

  #giveUp(): void {
    this.#worker?.terminate()
    this.#worker = null
    this.#answer(null)
  }

  #answer(answer: Answer | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#queue.shift()?.answer(answer)
    this.#next()
  }
}
