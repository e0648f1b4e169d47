import type { Client, Question } from '../../contract/index.ts'
import { asFailure } from '../shared/errors.ts'

/** A question of a list, with what the list left out: nobody decides on a change before it is shown in full. */
export class WholeQuestion {
  readonly #listed: () => Question
  #whole = $state.raw<Question | null>(null)
  /** Why the whole question could not be read. */
  error = $state<string | null>(null)

  /** @param listed the question as the list has it now */
  constructor(listed: () => Question) {
    this.#listed = listed
  }

  get shown(): Question {
    return this.#whole ?? this.#listed()
  }

  async read(client: Client, board: string): Promise<void> {
    this.error = null
    try {
      const { question } = await client.question.show({ board, question_id: this.#listed().id })
      this.#whole = question
    } catch (error) {
      this.error = asFailure(error).message
    }
  }
}
