import type { Client, OperationOutput, SessionRequest } from '../../contract/index.ts'
import { whyFresh } from '../../formats/session-words.ts'

type Answer = OperationOutput<'task.session'>

/** What the next attempt does about the session of the last one, and what a person may choose instead. */
export class NextSession {
  #answer = $state.raw<Answer | null>(null)
  #newest = 0
  /** What the person chose; null: as it happens by itself. */
  chosen = $state<SessionRequest | null>(null)
  readonly #client: Client
  readonly #task: { board: string; id: string }

  constructor(client: Client, task: { board: string; id: string }) {
    this.#client = client
    this.#task = task
  }

  /** Asks again: it depends on the profile. An answer that comes late is dropped. */
  async ask(profile: string): Promise<void> {
    const number = ++this.#newest
    const input = profile === '' ? this.#task : { ...this.#task, profile }
    // Without an answer nothing is offered, and the retry goes by the rules.
    const answer = await this.#client.task.session(input).catch(() => null)
    if (number === this.#newest) this.#answer = answer
  }

  /** Whether there is a choice to make. */
  get isOffered(): boolean {
    return this.#answer?.if_resumed?.choice === 'resumed'
  }

  get value(): SessionRequest {
    return this.chosen ?? (this.#answer?.plan?.choice === 'resumed' ? 'resume' : 'fresh')
  }

  get choices(): { value: SessionRequest; label: string }[] {
    const attempt = this.#answer?.if_resumed?.attempt ?? 0
    return [
      { value: 'resume', label: `Go on from attempt ${attempt}` },
      { value: 'fresh', label: 'Fresh, with the whole context' },
    ]
  }

  /** Why it is fresh by itself; null when it goes on, or there is nothing to say. */
  get why(): string | null {
    const plan = this.#answer?.plan ?? null
    if (plan === null || plan.choice === 'resumed' || this.chosen !== null) return null
    return `fresh session: ${whyFresh(plan.choice, plan.attempt)}`
  }

  /** What to send: null where the person left it as it is. */
  get request(): SessionRequest | null {
    return this.isOffered ? this.chosen : null
  }
}
