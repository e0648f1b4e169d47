import type { Client, InboxItem, OperationOutput } from '../../contract/index.ts'
import { Coalescer } from '../shared/coalescer.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import { toasts } from '../shared/toasts.svelte.ts'

/** Changes within this time are read together. */
const GATHER = 250

export interface InboxGroup {
  key: 'needs_you' | 'failed' | 'finished'
  name: string
  items: readonly InboxItem[]
}

/** What a person should know about a board. Entries marked as seen stay listed until the view is left. */
export class Inbox {
  answer = $state.raw<OperationOutput<'inbox.show'> | null>(null)
  failure = $state.raw<Failure | null>(null)

  readonly #client: Client
  readonly #board: string
  readonly #reading = new Coalescer(() => this.read(), { wait: GATHER })

  constructor(client: Client, board: string) {
    this.#client = client
    this.#board = board
  }

  get groups(): InboxGroup[] {
    const { answer } = this
    if (answer === null) return []
    const groups: InboxGroup[] = [
      { key: 'needs_you', name: 'Needs you', items: answer.needs_you },
      { key: 'failed', name: 'Failed', items: answer.failed },
      { key: 'finished', name: 'Finished since you last looked', items: answer.finished },
    ]
    return groups.filter(({ items }) => items.length > 0)
  }

  async read(): Promise<void> {
    try {
      this.answer = await this.#client.inbox.show({ board: this.#board })
      this.failure = null
    } catch (error) {
      this.failure = asFailure(error)
    }
  }

  /** Reads again soon; call it at each change of the board. */
  readSoon(): void {
    this.#reading.soon()
  }

  /** Marks failures and finished tasks as seen. Tasks that need a person stay. */
  async markSeen(): Promise<void> {
    try {
      await this.#client.inbox.mark_seen({
        board: this.#board,
        ...(this.answer === null ? {} : { until: this.answer.cursor }),
      })
      await this.read()
    } catch (error) {
      toasts.fail(error, 'The inbox was not marked as seen')
    }
  }

  stop(): void {
    this.#reading.stop()
  }
}
