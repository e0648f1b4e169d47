import type { Client, OperationOutput } from '../../contract/index.ts'
import { Saving } from '../shared/saving.svelte.ts'

type Simulated = OperationOutput<'workflow.simulate'>

/** Simulates a walk through a workflow: the user gives one verdict after another. Nothing runs or is saved. */
export class TryWalk {
  verdicts = $state.raw<readonly string[]>([])
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

  give(verdict: string): Promise<void> {
    return this.#walk([...this.verdicts, verdict])
  }

  back(): Promise<void> {
    return this.#walk(this.verdicts.slice(0, -1))
  }

  async #walk(verdicts: readonly string[]): Promise<void> {
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
