import { Worker } from 'node:worker_threads'
import { type JobAnswer, outOfMemory, threadFile, valueOf } from './run-job.ts'

/** How long the thread is kept for the next read: starting it takes longer than most reads. */
const KEPT_MS = 30_000

interface Pending {
  resolve: (value: unknown) => void
  reject: (error: Error) => void
}

/** A thread that answers reads one after another (read-thread.ts). It keeps no process alive that waits for nothing. */
class ReadingThread {
  readonly #worker: Worker
  readonly #pending: Pending[] = []
  #end: NodeJS.Timeout | null = null

  constructor(file: string) {
    this.#worker = new Worker(file)
    this.#worker.unref()
    this.#worker.on('message', (answer: JobAnswer) => this.#settle(answer))
    this.#worker.on('error', (error: Error) => this.#fail(outOfMemory(error) ?? error))
    this.#worker.on('exit', (code) => this.#fail(new Error(`the thread for reads ended (${code})`)))
  }

  ask(request: object): Promise<unknown> {
    if (this.#end !== null) clearTimeout(this.#end)
    this.#end = null
    this.#worker.ref()
    this.#worker.postMessage(request)
    return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }))
  }

  #settle(answer: JobAnswer): void {
    const pending = this.#pending.shift()
    try {
      pending?.resolve(valueOf(answer))
    } catch (error) {
      pending?.reject(error instanceof Error ? error : new Error(String(error)))
    }
    if (this.#pending.length > 0) return
    this.#worker.unref()
    this.#end = setTimeout(() => {
      if (thread === this) thread = null
      void this.#worker.terminate()
    }, KEPT_MS).unref()
  }

  #fail(error: Error): void {
    if (thread === this) thread = null
    for (const { reject } of this.#pending.splice(0)) reject(error)
  }
}

let thread: ReadingThread | null = null

/** Answers a read in a thread. @returns null where none can be started */
export function readInThread(request: object): Promise<unknown> | null {
  const file = threadFile('read-thread.ts')
  if (file === null) return null
  thread ??= new ReadingThread(file)
  return thread.ask(request)
}
