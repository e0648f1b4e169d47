import type { Client, LogAnswer } from '../../contract/index.ts'
import { asFailure, type Failure, isTransient } from '../shared/errors.ts'
import { LogText, type LogTime } from './log-text.ts'

/** How often a growing log is read, while the window is visible. */
const POLL = 500
/** A worker may write for a moment after its report: how often an ended log is read again, and the interval. */
const LOOKS_AFTER_END = 3
const LOOK_AFTER_END = 1500
const TRY_AGAIN = 2000

/** How many characters are processed at once without delaying a frame. */
const SLICE = 128 * 1024
/** The time that one frame may take, in milliseconds. */
const FRAME = 12

/** Lets the page render. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}

/**
 * Reads a window of a log, from a byte.
 *
 * @param times whether the answer includes when each part was first seen
 */
export type ReadLog = (window: { from: number; times: boolean }) => Promise<LogAnswer>

export function logOfRun(client: Client, board: string, id: number): ReadLog {
  return (window) => client.run.log({ board, id, ...window })
}

/** Reads the log of one run from its start, and continues while it grows. */
export class LogReader {
  readonly text = new LogText()
  phase = $state<'reading' | 'following' | 'done' | 'failed'>('reading')
  failure = $state.raw<Failure | null>(null)
  /** Lines read so far; changes with each piece. */
  length = $state(0)
  /** Counts the pieces: the last line may have grown even if `length` has not changed. */
  revision = $state(0)
  /** Bytes read, and the total. */
  read = $state(0)
  size = $state(0)
  times = $state.raw<readonly LogTime[]>([])
  /** The log was cut or rewritten during the read, so it is read again from its start. */
  restarted = $state(false)

  readonly #readLog: ReadLog
  #stopped = false
  #wake: (() => void) | null = null

  constructor(readLog: ReadLog) {
    this.#readLog = readLog
  }

  /** @returns a function that stops it */
  start(): () => void {
    void this.#run()
    return () => {
      this.#stopped = true
      this.#wake?.()
    }
  }

  async #run(): Promise<void> {
    let looks = 0
    while (!this.#stopped && looks <= LOOKS_AFTER_END) {
      try {
        const ended = await this.#readNext()
        if (this.#stopped) return
        if (this.read < this.size) continue
        this.phase = ended ? 'done' : 'following'
        looks = ended ? looks + 1 : 0
        await this.#wait(ended ? LOOK_AFTER_END : POLL)
      } catch (error) {
        this.failure = asFailure(error)
        this.phase = 'failed'
        if (!isTransient(this.failure)) return
        await this.#wait(TRY_AGAIN)
      }
    }
  }

  /** @returns whether the run is over */
  async #readNext(): Promise<boolean> {
    const isFirst = this.read === 0
    const answer = await this.#readLog({ from: this.read, times: isFirst })
    this.failure = null
    if (answer.size < this.read) {
      this.#restart()
      return answer.ended
    }
    if (answer.times !== null) this.times = answer.times
    else if (answer.content !== '' && this.phase === 'following') {
      this.times = [...this.times, { offset: this.read, at: Date.now() }]
    }
    this.size = answer.size
    // The answer may be empty before the end of the log: a character whose bytes are not all written yet.
    this.read = answer.content === '' ? answer.size : answer.next
    if (answer.content !== '') await this.#takeIn(answer.content)
    return answer.ended
  }

  /** Processes the content in slices, but notifies once per frame, because each notification renders the log again. */
  async #takeIn(content: string): Promise<void> {
    let drawnAt = performance.now()
    for (let from = 0; from < content.length && !this.#stopped; from += SLICE) {
      if (performance.now() - drawnAt > FRAME) {
        await pause()
        drawnAt = performance.now()
      }
      this.text.append(content.slice(from, from + SLICE))
    }
    this.length = this.text.length
    this.revision++
  }

  #restart(): void {
    this.text.clear()
    this.read = 0
    this.length = 0
    this.revision++
    this.restarted = true
    this.phase = 'reading'
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const again = () => {
        if (document.hidden && !this.#stopped) timer = setTimeout(again, milliseconds)
        else resolve()
      }
      let timer = setTimeout(again, milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
