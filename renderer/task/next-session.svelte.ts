import type { Client, OperationOutput, SessionRequest } from '../../contract/index.ts'
import { whyFresh } from '../../formats/session-words.ts'

type Answer = OperationOutput<'task.session'>

/** Whether the next attempt continues the session of an earlier one, and what a person chose instead. */
export class NextSession {
  #answer = $state.raw<Answer | null>(null)
  #newest = 0
  /** The choice of the person; null lets the rules decide. */
  chosen = $state<SessionRequest | null>(null)
  readonly #client: Client
  readonly #task: { board: string; id: string }

  constructor(client: Client, task: { board: string; id: string }) {
    this.#client = client
    this.#task = task
  }

  /** Asks for the plan with a profile. Drops an answer that arrives after a newer question. */
  async ask(profile: string): Promise<void> {
    const number = ++this.#newest
    const input = profile === '' ? this.#task : { ...this.#task, profile }
    // Without an answer nothing is offered, and the rules decide.
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
      { value: 'resume', label: `Continue the session of attempt ${attempt}` },
      { value: 'fresh', label: 'Fresh, with the whole context' },
    ]
  }

  /** Why the rules begin a fresh session; null if they continue one, or the person has chosen. */
  get why(): string | null {
    const plan = this.#answer?.plan ?? null
    if (plan === null || plan.choice === 'resumed' || this.chosen !== null) return null
    return `fresh session: ${whyFresh(plan.choice, plan.attempt)}`
  }

  /** The choice to send; null lets the rules decide. */
  get request(): SessionRequest | null {
    return this.isOffered ? this.chosen : null
  }
}
