import { withEventMeta } from '@orpc/server'

/**
 * How long a stream may take to be refused before it counts as open. A refusal within this time becomes a normal error
 * answer.
 */
const FIRST_ANSWER_MS = 30

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** Adds the id from which a client that lost the stream resumes, if the item has one. */
function withId(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || !('id' in item) || typeof item.id !== 'number') return item
  return withEventMeta(item, { id: String(item.id) })
}

/** One abort for several signals, without listeners left behind on any of them. */
class Ending {
  readonly #controller = new AbortController()
  readonly #reasons: readonly AbortSignal[]

  constructor(reasons: readonly (AbortSignal | undefined)[]) {
    this.#reasons = reasons.filter((reason) => reason !== undefined)
    for (const reason of this.#reasons) {
      if (reason.aborted) this.now()
      else reason.addEventListener('abort', this.now, { once: true })
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  readonly now = (): void => {
    for (const reason of this.#reasons) reason.removeEventListener('abort', this.now)
    this.#controller.abort()
  }
}

export interface FollowOptions {
  /** Opens the source, which ends when the signal is aborted. */
  open: (signal: AbortSignal) => AsyncIterable<unknown>
  /** Reasons to end the stream, such as a client that left or a door that closes. */
  until: readonly (AbortSignal | undefined)[]
  /** Converts a source error into a client error. */
  fail: (cause: unknown) => Error
}

/**
 * A stream of the kernel as doors carry it. Items are taken from the source one by one, when the reader asks: nothing
 * is buffered for a reader that does not. Leaving (return) ends the source at once, even while it waits for its next
 * item.
 *
 * @throws the converted error of an immediate refusal, so that it is an answer instead of a broken stream
 */
export async function follow(options: FollowOptions): Promise<AsyncIterableIterator<unknown>> {
  const ending = new Ending(options.until)
  const next = async (): Promise<IteratorResult<unknown>> => {
    try {
      const step = await source.next()
      if (step.done !== true) return { done: false, value: withId(step.value) }
    } catch (error) {
      if (!ending.signal.aborted) {
        ending.now()
        throw options.fail(error)
      }
    }
    ending.now()
    return { done: true, value: undefined }
  }

  let source: AsyncIterator<unknown>
  try {
    source = options.open(ending.signal)[Symbol.asyncIterator]()
  } catch (error) {
    ending.now()
    throw options.fail(error)
  }
  // A source whose last item was not taken is suspended there: the signal alone would not make it clean up.
  const cleanUp = () => void Promise.resolve(source.return?.()).catch(options.fail)
  if (ending.signal.aborted) cleanUp()
  else ending.signal.addEventListener('abort', cleanUp, { once: true })
  let first: Promise<IteratorResult<unknown>> | undefined = next()
  await Promise.race([first, pause(FIRST_ANSWER_MS)])

  const items: AsyncIterableIterator<unknown> = {
    next: () => {
      const step = first ?? next()
      first = undefined
      return step
    },
    return: async () => {
      ending.now()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => items,
  }
  return items
}
