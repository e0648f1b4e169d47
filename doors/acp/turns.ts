import type { BoardLink } from './board-link.ts'
import { type Mailbox, messagePrompt } from './mailbox.ts'
import type { Permissions } from './permission.ts'
import { refusalPrompt, REPORT_PROMPT } from './prompts.ts'
import type { Reporter } from './reporter.ts'

/** How a turn ended: the agent's word for it, and a failure that the agent reported in another way. */
export interface TurnEnd {
  reason: string
  failure: string | null
}

interface TurnsOptions {
  board: BoardLink
  reporter: Reporter
  permissions: Permissions
  mailbox: Mailbox
  endsAfterRefusal: boolean
  prompt: (text: string) => Promise<TurnEnd>
}

/** The error for each stop reason that a new prompt cannot change. */
const FINAL: Readonly<Record<string, string>> = {
  refusal: 'The agent refused to continue.',
  max_tokens: 'The agent ran out of tokens in the middle of its turn.',
  max_turn_requests: 'The agent reached its limit of requests in one turn.',
}

/** How often an agent is prompted after a refusal. Limited, because it may ask for the same thing each time. */
const MOST_REFUSALS = 20

/**
 * Takes the turns of one run. The first prompt is the task's context; later ones are messages, refusals, and a request
 * for the report.
 */
export class Turns {
  readonly #options: TurnsOptions
  #isAskedToReport = false
  #refusals = 0

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  /**
   * @param context the first prompt
   * @returns null when the run has ended, or the agent has nothing more to do; else why it failed
   */
  async take(context: string): Promise<string | null> {
    const { board, mailbox, prompt } = this.#options
    let text: string | null = context
    while (text !== null) {
      mailbox.turnBegins()
      const { failure, reason } = await prompt(text).finally(() => mailbox.turnEnds())
      if (!(await board.isOpen())) return null
      const failed = failure ?? FINAL[reason] ?? null
      if (failed !== null) return failed
      text = await this.#next()
    }
    return null
  }

  /** @returns the next prompt, or null when the agent was already asked to report */
  async #next(): Promise<string | null> {
    const { endsAfterRefusal, mailbox, permissions, reporter } = this.#options
    const refusal = permissions.takeRefusal()
    const message = await mailbox.next()
    if (message !== null) {
      await mailbox.handed(message, 'in a turn of its own')
      // The message may give the agent more to do, so it may be asked for its report again.
      this.#isAskedToReport = false
      return messagePrompt(message.text)
    }
    if (refusal !== null && endsAfterRefusal && this.#refusals++ < MOST_REFUSALS)
      return this.#asked(refusalPrompt(refusal))
    if (this.#isAskedToReport) {
      reporter.flush()
      return null
    }
    this.#isAskedToReport = true
    return this.#asked(REPORT_PROMPT)
  }

  #asked(text: string): string {
    this.#options.reporter.line({ acp: 'asked', text })
    return text
  }
}
