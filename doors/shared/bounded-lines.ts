import { Transform, type TransformCallback } from 'node:stream'

/** The longest message that is read; the same limit as for the body of an HTTP request. */
export const LINE_LIMIT_BYTES = 10 * 1024 * 1024

const LINE_BREAK = 10
/** How far into a message to look for its id, which the answer needs. */
const ID_WITHIN = 4096
const ID = /"id"\s*:\s*(-?\d{1,15}|"[^"\\]{0,200}")/

/**
 * Passes whole lines on. A line that is too long is dropped as it arrives, so that it uses no memory. `onTooLong` gets
 * the line's id as JSON if that is near the start, else `null`; and the start of the line.
 */
export class BoundedLines extends Transform {
  readonly #limit: number
  readonly #onTooLong: (id: string, start: string) => void
  #parts: Buffer[] = []
  #size = 0
  #isDropped = false

  constructor(onTooLong: (id: string, start: string) => void, limit = LINE_LIMIT_BYTES) {
    super()
    this.#limit = limit
    this.#onTooLong = onTooLong
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    let start = 0
    for (let end = chunk.indexOf(LINE_BREAK); end !== -1; end = chunk.indexOf(LINE_BREAK, start)) {
      this.#take(chunk.subarray(start, end + 1))
      this.#endLine()
      start = end + 1
    }
    this.#take(chunk.subarray(start))
    done()
  }

  override _flush(done: TransformCallback): void {
    this.#endLine()
    done()
  }

  #take(bytes: Buffer): void {
    if (this.#isDropped || bytes.length === 0) return
    this.#parts.push(bytes)
    this.#size += bytes.length
    if (this.#size <= this.#limit) return
    const start = Buffer.concat(this.#parts).toString('utf8', 0, ID_WITHIN)
    this.#isDropped = true
    this.#parts = []
    this.#onTooLong(ID.exec(start)?.[1] ?? 'null', start)
  }

  #endLine(): void {
    if (this.#parts.length > 0) this.push(Buffer.concat(this.#parts))
    this.#parts = []
    this.#size = 0
    this.#isDropped = false
  }
}

/** @returns the answer to a message that is too long, as a line of JSON-RPC */
export function tooLongAnswer(id: string): string {
  const megabytes = LINE_LIMIT_BYTES / 1024 / 1024
  const message = `The message is longer than ${megabytes} MB, the maximum.`
  return `{"jsonrpc":"2.0","id":${id},"error":{"code":-32600,"message":${JSON.stringify(message)}}}\n`
}
