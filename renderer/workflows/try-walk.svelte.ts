import type { Client, OperationInput, OperationOutput } from '../../contract/index.ts'
import type { GivenAnswer } from '../questions/answer-form.svelte.ts'
import type { Failure } from '../shared/errors.ts'
import { Saving } from '../shared/saving.svelte.ts'

type Simulated = OperationOutput<'workflow.simulate'>
type Given = NonNullable<OperationInput<'workflow.simulate'>['verdicts']>[number]

/** Simulates a walk through a workflow: the user gives one verdict after another. Nothing runs or is saved. */
export class TryWalk {
  verdicts = $state.raw<readonly Given[]>([])
  walk = $state.raw<Simulated | null>(null)
  readonly saving = new Saving()
  readonly #client: Client
  readonly #board: string
  readonly #name: string
  /** Sample values for required inputs. */
  readonly #inputs: Record<string, string>

  constructor(client: Client, board: string, name: string, inputs: Record<string, string>) {
    this.#client = client
    this.#board = board
    this.#name = name
    this.#inputs = inputs
  }

  start(): Promise<void> {
    return this.#walk([])
  }

  async give(verdict: Given): Promise<void> {
    await this.#walk([...this.verdicts, verdict])
  }

  /**
   * Answers a question.
   *
   * @returns why the answer does not fit; null when it was accepted
   */
  async answer({ edit, form, item, note, verdict }: GivenAnswer): Promise<Failure | null> {
    const given = {
      verdict,
      ...(note === '' ? {} : { summary: note }),
      ...(item === null ? {} : { metadata: { item } }),
      form: (form ?? {}) as never,
      ...(edit === null ? {} : { edit: edit as never }),
    }
    const hasForm = this.walk?.asks?.form != null
    await this.give(hasForm ? given : { ...given, form: undefined })
    return this.saving.failure
  }

  back(): Promise<void> {
    return this.#walk(this.verdicts.slice(0, -1))
  }

  async #walk(verdicts: readonly Given[]): Promise<void> {
    const walk = await this.saving.run('saving', () =>
      this.#client.workflow.simulate({
        board: this.#board,
        name: this.#name,
        inputs: this.#inputs,
        verdicts: [...verdicts],
      }),
    )
    if (walk === null) return
    this.verdicts = verdicts
    this.walk = walk
  }
}

/** @returns a value for each required input without a default, so that a walk can be tried */
export function sampleInputs(
  inputs: Record<string, Record<string, unknown>>,
  profiles: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs)
      .filter(([, declared]) => declared['required'] === true && declared['default'] === undefined)
      .map(([name, { choices, type }]) => [
        name,
        type === 'profile' ? (profiles[0] ?? '') : sampleOf(type, choices),
      ]),
  )
}

function sampleOf(type: unknown, choices: unknown): string {
  if (Array.isArray(choices) && choices.length > 0) return String(choices[0])
  if (type === 'int') return '1'
  return type === 'bool' ? 'true' : 'example'
}
