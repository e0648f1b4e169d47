import { StringDecoder } from 'node:string_decoder'
import type { LogAnswer } from '../../../contract/index.ts'
import type { Kernel } from '../../../kernel/index.ts'
import { checkInput } from '../input.ts'
import type { Call } from '../call.ts'
import type { Session } from '../session.ts'
import type { Operation } from '../verbs.ts'
import { createPrinter } from '../views/printer.ts'
import { LineTimes } from './log-times.ts'
import { ReadableLines } from './readable-lines.ts'
import { TerminalBytes } from './terminal-bytes.ts'

/** Events mark only the start and the end of a run; new output writes none, so the log is polled. */
const POLL_MS = 200

/** Reads a log piece by piece. The first answer fixes the attempt. */
class LogReader {
  private readonly session: Session
  private readonly operation: Operation
  private input: Record<string, unknown>

  constructor(session: Session, operation: Operation, input: Record<string, unknown>) {
    this.session = session
    this.operation = operation
    this.input = input
  }

  async next(): Promise<LogAnswer> {
    const kernel = await this.session.kernel()
    const caller = await this.session.caller()
    const answer = (await kernel.callByName(this.operation.name, this.input, caller)) as LogAnswer
    const { tail: _tail, ...rest } = this.input
    // A log that was cut to its cap is shorter than what was read of it: continue at its end.
    const from = Math.min(answer.next, answer.size)
    this.input = { ...rest, attempt: answer.attempt, from }
    return answer
  }
}

/** `log`: prints what a worker wrote, byte for byte, or in words with `--readable`. */
export async function log(call: Call): Promise<number> {
  const { session, given, typed } = call
  const operation = typed.verb.operation
  if (operation === undefined) throw new Error('The contract has no operation that reads a log.')
  const { follow, readable, ...input } = given.input
  checkInput(typed, operation.spec, input)
  // As text, the operation cuts between characters; base64 keeps the worker's exact bytes.
  const isDocument = session.json && follow !== true
  const encoding = isDocument ? 'utf8' : 'base64'
  const reader = new LogReader(session, operation, { ...input, encoding })
  const print = output(session)
  const printer = readable === true ? wordPrinter(session, print) : bytePrinter(print)
  if (follow === true) return followLog(session, reader, String(input['id']), printer)
  if (isDocument) await session.outJson(await wholeLog(reader))
  else {
    for await (const piece of pieces(reader)) await printer.print(piece)
    await printer.end()
  }
  return 0
}

/** @returns the rest of a log as it is now */
async function* pieces(reader: LogReader): AsyncGenerator<LogAnswer> {
  for (;;) {
    const piece = await reader.next()
    yield piece
    if (piece.next >= piece.size || piece.next <= piece.from) return
  }
}

/** Prints the pieces of a log. */
interface LogPrinter {
  print: (piece: LogAnswer) => Promise<void>
  end: () => Promise<void>
}

/** Where the log is printed. A terminal gets no control sequences; any other output gets the bytes unchanged. */
interface LogOutput {
  put: (bytes: Uint8Array) => Promise<void>
  end: () => Promise<void>
}

function output(session: Session): LogOutput {
  if (session.io.stdout.isTTY !== true) {
    return { put: (bytes) => session.out(bytes), end: () => Promise.resolve() }
  }
  const safe = new TerminalBytes()
  return { put: (bytes) => session.out(safe.put(bytes)), end: () => session.out(safe.end()) }
}

/** Prints the worker's bytes, optionally with the time before each line. */
function bytePrinter(print: LogOutput): LogPrinter {
  const lines = new LineTimes()
  return {
    print: (piece) => {
      const bytes = Buffer.from(piece.content, 'base64')
      return print.put(piece.times === null ? bytes : lines.put(bytes, piece.from, piece.times))
    },
    end: () => print.end(),
  }
}

/** Prints events in words. */
function wordPrinter(session: Session, print: LogOutput): LogPrinter {
  const lines = new ReadableLines(createPrinter(session).paint)
  return {
    print: (piece) => print.put(lines.put(Buffer.from(piece.content, 'base64'), piece.from, piece.times)),
    end: async () => {
      await print.put(lines.end())
      await print.end()
    },
  }
}

/** One document, also for a log that is read in pieces. */
async function wholeLog(reader: LogReader): Promise<LogAnswer> {
  const all: LogAnswer[] = []
  for await (const piece of pieces(reader)) all.push(piece)
  const [first] = all
  const last = all[all.length - 1]
  if (first === undefined || last === undefined) throw new Error('A log has at least one piece.')
  const times = new Map(all.flatMap((piece) => piece.times ?? []).map((time) => [time.offset, time]))
  return {
    ...last,
    content: all.map((piece) => piece.content).join(''),
    from: first.from,
    times: first.times === null ? null : [...times.values()],
  }
}

/** Prints what is there and what is added, until the run has ended and all of it is printed. */
async function followLog(
  session: Session,
  reader: LogReader,
  id: string,
  printer: LogPrinter,
): Promise<number> {
  const kernel = await session.kernel()
  const waker = new Waker(session.signal)
  // A piece may end within a character, whose other bytes come with the next piece.
  const decoder = new StringDecoder('utf8')
  const listening = listen(session, kernel, id, waker)
  try {
    while (!session.signal.aborted) {
      const piece = await reader.next()
      if (session.json) {
        const content = decoder.write(Buffer.from(piece.content, 'base64'))
        if (content !== '') await session.outJson({ ...piece, content, encoding: 'utf8' })
      } else await printer.print(piece)
      if (piece.next < piece.size) continue
      if (piece.ended) break
      await waker.wait(POLL_MS)
    }
  } finally {
    waker.end()
    await listening
  }
  if (!session.json) await printer.end()
  return 0
}

/** Wakes the follower at each event of the task. */
async function listen(session: Session, kernel: Kernel, id: string, waker: Waker): Promise<void> {
  const events = kernel.stream('event.watch', { task_id: id }, await session.caller(), waker.signal)
  try {
    for await (const _event of events) waker.wake()
  } catch {
    // The stream only wakes the follower sooner; polling finds everything without it.
  }
}

/** A pause that an event or the end cuts short. */
class Waker {
  private readonly ending = new AbortController()
  private resume: (() => void) | undefined

  constructor(signal: AbortSignal) {
    if (signal.aborted) this.end()
    signal.addEventListener('abort', () => {
      this.end()
    })
  }

  get signal(): AbortSignal {
    return this.ending.signal
  }

  wake(): void {
    this.resume?.()
  }

  end(): void {
    this.ending.abort()
    this.wake()
  }

  wait(ms: number): Promise<void> {
    if (this.signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.resume = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
